/** What a device is to sample for all campaigns together. */
import { createHash } from 'node:crypto'
import { type DeviceId, LIMITS, type ProfileKind, type Stream } from '../../protocol/index.ts'
import type { Campaign } from './campaign.ts'

/** A stream being put together. */
interface Draft {
  readonly periodMs: number
  readonly sampleMs: number
  readonly readingsPerFrame: number
  readonly kind: ProfileKind
  readonly channels: Map<string, Stream['channels'][number]>
}

/** The streams of one device, in a stable order: channels with the same schedule share a stream, and so a signature. */
export function streamsOf(campaigns: Iterable<Campaign>, device: DeviceId): Stream[] {
  const drafts = new Map<string, Draft>()
  for (const { row, spec, assigned } of campaigns) {
    if (row.state !== 'running') continue
    for (const { sensor, device: at, channel } of assigned.values()) {
      if (at !== device) continue
      const { periodMs, readingsPerFrame } = spec
      const kind = spec.sampleMs === null ? 'sample' : 'statistics'
      const sampleMs = spec.sampleMs ?? periodMs
      const key = [periodMs, sampleMs, readingsPerFrame, kind].join('/')
      const draft = drafts.get(key) ?? { periodMs, sampleMs, readingsPerFrame, kind, channels: new Map() }
      draft.channels.set(`${sensor}/${channel}`, { sensor, channel })
      drafts.set(key, draft)
    }
  }
  const ordered = [...drafts].sort(([a], [b]) => (a < b ? -1 : 1))
  return ordered.flatMap(([, draft]) => draftStreams(draft, device)).slice(0, LIMITS.streamsMax)
}

/** One stream, or more where a frame could not hold all channels. */
function draftStreams({ channels, ...schedule }: Draft, device: DeviceId): Stream[] {
  const ordered = [...channels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, channel]) => channel)
  const phaseMs = phaseOf(device, schedule.periodMs)
  const streams: Stream[] = []
  for (let at = 0; at < ordered.length; at += LIMITS.profileChannelsMax) {
    streams.push({ ...schedule, phaseMs, channels: ordered.slice(at, at + LIMITS.profileChannelsMax) })
  }
  return streams
}

/** Spreads devices over the period, so that a region's frames do not come all at once. The same device always has the same phase. */
function phaseOf(device: DeviceId, periodMs: number): number {
  const share = createHash('sha256').update(`hedgerow/phase/1/${device}`).digest().readUInt32BE() / 2 ** 32
  return Math.floor(share * periodMs)
}

/** Whether two plans ask for the same. */
export function sameStreams(a: readonly Stream[], b: readonly Stream[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
