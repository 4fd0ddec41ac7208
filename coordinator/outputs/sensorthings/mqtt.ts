import { codesOf, type Flags, isAccepted, toUnit } from '../../../protocol/index.ts'
import { isoTime } from '../iso-time.ts'
import type { Series } from '../readings/reading.ts'
import { datastreamId, observationId } from './ids.ts'

/** A reading that has just come. */
export interface NewObservation extends Series {
  readonly atMs: number
  readonly receivedAtMs: number
  readonly scaled: number
  readonly exponent: number
  /** Null while no campaign has judged it. */
  readonly flags: Flags | null
}

/** What is published, not retained. */
export interface ObservationMessage {
  readonly topic: string
  readonly payload: string
}

/** The topic of new observations of a series: the path of their resource, so that clients find it from any link (OGC 18-088 §14.2). */
export function observationsTopic(series: Series): string {
  return `v1.1/Datastreams('${datastreamId(series)}')/Observations`
}

/**
 * A new observation as subscribers of SensorThings expect it: the entity without expanded links.
 * @param baseUrl - as the service has it
 */
export function observationMessage(observation: NewObservation, baseUrl: string): ObservationMessage {
  const { atMs, receivedAtMs, scaled, exponent, flags } = observation
  const id = observationId(observation, atMs)
  const self = `${baseUrl}/Observations('${id}')`
  const payload = {
    '@iot.id': id,
    '@iot.selfLink': self,
    phenomenonTime: isoTime(atMs),
    resultTime: isoTime(receivedAtMs),
    result: toUnit(scaled, exponent),
    resultQuality:
      flags === null
        ? { verdict: 'unverified', codes: [] }
        : { verdict: isAccepted(flags) ? 'accepted' : 'rejected', codes: codesOf(flags) },
    'Datastream@iot.navigationLink': `${self}/Datastream`,
    'FeatureOfInterest@iot.navigationLink': `${self}/FeatureOfInterest`,
  }
  return { topic: observationsTopic(observation), payload: JSON.stringify(payload) }
}
