/** From what the region wants to what this device can do: a plan's streams with their profiles. Pure. */
import {
  type Calibration,
  encodeProfile,
  type Plan,
  type Profile,
  type ProfileChannel,
  type ProfileId,
  profileIdOf,
  type SensorChannel,
  type SensorId,
  type Stream,
} from '../../protocol/index.ts'

/** What must be known of a sensor to sample it, or to say why there are no values. Remembered over restarts. */
export interface KnownSensor {
  readonly model: string
  readonly serial: string
  readonly channels: readonly SensorChannel[]
  /** In the order of `channels`; null where values are as the sensor gave them. */
  readonly calibrations: readonly (Calibration | null)[]
  /** It keeps what it measured with the time of it, instead of being looked at. */
  readonly recorded: boolean
}

/** Channels that are sampled together on this device, all of one clock. */
export interface StreamSpec {
  /** Equal for equal profiles at equal times, so that a stream goes on when another plan wants the same. */
  readonly key: string
  readonly profile: Profile
  readonly profileId: ProfileId
  readonly profileBytes: Uint8Array
  readonly phaseMs: number
  readonly sampleMs: number
  readonly readingsPerFrame: number
  /** By profile channel. */
  readonly channels: Stream['channels']
  readonly recorded: boolean
}

/** A plan as far as it can be followed, and the sensors in it that this device has never had. */
export interface ResolvedPlan {
  readonly streams: readonly StreamSpec[]
  readonly unknown: readonly SensorId[]
}

/**
 * What to sample. Sensors that record by themselves have streams of their own, since their times are their own.
 * @param known - what is known of a sensor; undefined for a stranger
 */
export function resolvePlan(
  { streams }: Pick<Plan, 'streams'>,
  known: ReadonlyMap<SensorId, KnownSensor>,
): ResolvedPlan {
  const specs = new Map<string, StreamSpec>()
  const unknown = new Set<SensorId>()
  for (const stream of streams) {
    for (const channels of partsOf(stream, known, unknown).values()) {
      const spec = specOf(stream, channels, known)
      const same = specs.get(spec.key)
      if (same === undefined || spec.readingsPerFrame < same.readingsPerFrame) specs.set(spec.key, spec)
    }
  }
  return { streams: [...specs.values()], unknown: [...unknown] }
}

/** Whether a stream of this key is of a sensor that records by itself. */
export function isRecordedKey(key: string): boolean {
  return key.startsWith('recorded/')
}

function partsOf(
  { channels }: Stream,
  known: ReadonlyMap<SensorId, KnownSensor>,
  unknown: Set<SensorId>,
): Map<string, Stream['channels'][number][]> {
  const parts = new Map<string, Stream['channels'][number][]>()
  for (const wanted of channels) {
    const sensor = known.get(wanted.sensor)
    if (sensor?.channels[wanted.channel] === undefined) {
      unknown.add(wanted.sensor)
      continue
    }
    const name = sensor.recorded ? wanted.sensor : ''
    parts.set(name, [...(parts.get(name) ?? []), wanted])
  }
  return parts
}

function specOf(stream: Stream, channels: Stream['channels'], known: ReadonlyMap<SensorId, KnownSensor>): StreamSpec {
  const { periodMs, phaseMs, sampleMs, readingsPerFrame, kind } = stream
  const profile: Profile = {
    periodMs,
    kind,
    channels: channels.flatMap(({ sensor, channel }) => channelOf(sensor, channel, known)),
  }
  const profileBytes = encodeProfile(profile)
  const profileId = profileIdOf(profileBytes)
  const recorded = channels.some(({ sensor }) => known.get(sensor)?.recorded)
  const key = `${recorded ? 'recorded' : 'live'}/${profileId}/${phaseMs}/${sampleMs}`
  return { key, profile, profileId, profileBytes, phaseMs, sampleMs, readingsPerFrame, channels, recorded }
}

function channelOf(sensor: SensorId, channel: number, known: ReadonlyMap<SensorId, KnownSensor>): ProfileChannel[] {
  const about = known.get(sensor)
  const found = about?.channels[channel]
  if (found === undefined) return []
  const { quantity, unit, exponent } = found
  return [{ sensor, quantity, unit, exponent, calibration: about?.calibrations[channel] ?? null }]
}
