/** What the sensors of a device do, in words for its owner. */
import type { SensorId } from '../../protocol/index.ts'

export interface SamplingSituation {
  /** Open. */
  readonly sensors: number
  /** Sampled by the region's plan. */
  readonly streams: number
  readonly hasPlan: boolean
  /** Whether the region lets this device measure. */
  readonly joined: boolean
  readonly timeKnown: boolean
  readonly diskFull: boolean
  /** Values that are in no frame yet. */
  readonly readings: number
  /** Frames of readings that wait for their receipts. */
  readonly frames: number
  /** Sensors that the plan asks for and this device has never had. */
  readonly unknown: readonly SensorId[]
  /** Sentences about sensors that do not work as they should. */
  readonly troubles: readonly string[]
}

/** One sentence for each thing that is worth saying. */
export function explainSampling(situation: SamplingSituation): string[] {
  const { readings, frames, unknown, troubles, diskFull } = situation
  const sentences = [...workSentences(situation), ...troubles]
  if (unknown.length > 0) {
    sentences.push(`The region asks for ${unknown.join(', ')}, which this device does not have.`)
  }
  if (diskFull) sentences.push('The disk is full, so new readings are only in memory: make room on it.')
  if (readings > 0) sentences.push(`${counted(readings, 'reading')} still to be sent.`)
  if (frames > 0) sentences.push(`${counted(frames, 'message')} of readings wait for the region's receipt.`)
  return sentences
}

function workSentences({ sensors, streams, hasPlan, joined, timeKnown }: SamplingSituation): string[] {
  if (sensors === 0 && streams === 0) return []
  if (!joined) return ['Its sensors rest: the region takes no readings from this device now.']
  if (streams === 0) return hasPlan ? [] : [`${counted(sensors, 'sensor')} ready: the region asks for no readings.`]
  const time = timeKnown ? '' : " The region's time is not known yet; readings are timed when it is."
  return [`Measures with ${counted(sensors, 'sensor')} for ${counted(streams, 'stream')} of the region's plan.${time}`]
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
