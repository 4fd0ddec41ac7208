/** How a device is to sample from now on. */
import type { CborValue } from '../cbor/index.ts'
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { READING_ID_BYTES, readingIdBytes, sensorIdFromBytes } from '../readings/ids.ts'
import { PROFILE_KINDS } from '../readings/profile.ts'
import type { Plan, Stream } from '../readings/types.ts'
import { Reader } from './read.ts'

/** The payload of a plan. */
export function encodePlan({ session, revision, streams }: Plan): Uint8Array {
  return encode([session, revision, streams.map(streamFields)])
}

/**
 * Reads a plan.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [SENSE-1.3] [SENSE-1.4] [SENSE-1.5]
 */
export function decodePlan(bytes: Uint8Array): Plan {
  const read = Reader.open('plan', bytes, 3)
  return {
    session: read.uint('session'),
    revision: read.uint('revision'),
    streams: read.records('streams', LIMITS.streamsMax, 6, readStream, 0),
  }
}

function streamFields({ periodMs, phaseMs, sampleMs, readingsPerFrame, kind, channels }: Stream): CborValue {
  const places = channels.map(({ sensor, channel }): CborValue => [readingIdBytes(sensor), channel])
  return [periodMs, phaseMs, sampleMs, readingsPerFrame, PROFILE_KINDS.indexOf(kind), places]
}

function readStream(read: Reader): Stream {
  const periodMs = read.uint('periodMs', 1, LIMITS.periodMsMax)
  const phaseMs = read.uint('phaseMs', 0, LIMITS.periodMsMax - 1)
  if (phaseMs >= periodMs) throw read.fault('phaseMs', 'must be below the period')
  const sampleMs = read.uint('sampleMs', 1, LIMITS.periodMsMax)
  if (periodMs % sampleMs !== 0) throw read.fault('sampleMs', 'must divide the period')
  const readingsPerFrame = read.uint('readingsPerFrame', 1, LIMITS.frameReadingsMax)
  const kind = read.choice('kind', PROFILE_KINDS)
  if (kind === 'sample' && sampleMs !== periodMs) throw read.fault('sampleMs', 'must be the period of single values')
  const channels = readChannels(read)
  return { periodMs, phaseMs, sampleMs, readingsPerFrame, kind, channels }
}

function readChannels(read: Reader): Stream['channels'] {
  const known = new Set<string>()
  return read.records('channels', LIMITS.profileChannelsMax, 2, fields => {
    const sensor = sensorIdFromBytes(fields.bytes('sensor', READING_ID_BYTES))
    const channel = fields.uint('channel', 0, LIMITS.sensorChannelsMax - 1)
    if (known.has(`${sensor}/${channel}`)) throw fields.fault('channel', 'must be named once in a stream')
    known.add(`${sensor}/${channel}`)
    return { sensor, channel }
  })
}
