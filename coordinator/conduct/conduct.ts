/**
 * What devices have cost the region lately, and who is shut out for it. An offence takes points, points come back with time, and a device
 * without any is disconnected and not let in for a while: ten seconds at first, twice as long each time, an hour at most. Only what an
 * authenticated connection did is charged, so nobody can have somebody else shut out. Points are kept in memory; who is shut out, and how often
 * somebody was lately, outlives a restart.
 */
import { type DeviceId, LIMITS } from '../../protocol/index.ts'
import { TokenBucket } from '../token-bucket.ts'
import { readShutOuts, type ShutOutRecord, writeShutOuts } from './kept.ts'
import { OFFENCE_POINTS, OFFENCE_WORDS, type Offence } from './offence.ts'

const FIRST_SHUT_OUT_MS = 10_000
const SHUT_OUT_MS_MAX = 3_600_000
/** For each of these since its last time out, the next is half as long. */
const FORGIVEN_AFTER_MS = 600_000
/** Devices remembered; the ones longest known go first. Bounds what strangers with ever new keys can fill. */
const ENTRIES_MAX = 20_000

interface Entry {
  points: TokenBucket
  /** Times it was shut out, less those that were forgiven by the last of them. */
  level: number
  untilMs: number
  reason: Offence
  /** Frames of it that were of no use, and what was wrong with the last one. */
  refused: number
  lastRefusal: string
}

export interface ConductComponents {
  monotonicMs(): number
  wallMs(): number
  /** Counts each time that somebody is shut out, as `shut_out:` and the offence. */
  count(reason: string): void
  /** Disconnects a device. */
  kick(device: DeviceId, reason: string): void
  /** Keeps a text for the next start, in the place of the one before it. */
  keep(text: string): void
}

/** Why a device is not let in, and for how long still. */
export interface ShutOut {
  readonly leftMs: number
  /** The end of a sentence that begins with the device. */
  readonly because: string
}

export class Conduct {
  private readonly components: ConductComponents
  private readonly entries = new Map<DeviceId, Entry>()

  /** @param kept - what was kept last; null at the first start */
  constructor(components: ConductComponents, kept: string | null) {
    this.components = components
    const nowMs = components.monotonicMs()
    const offMs = components.wallMs() - nowMs
    for (const { device, level, untilMs, reason } of readShutOuts(kept)) {
      // However the clock of the machine was set meanwhile, nobody is shut out for longer than the longest time.
      const until = Math.min(untilMs - offMs, nowMs + SHUT_OUT_MS_MAX)
      const entry = this.entryOf(device, nowMs)
      Object.assign(entry, { level, untilMs: until, reason, points: newPoints(Math.max(until, nowMs)) })
    }
  }

  /**
   * A device has done something that costs us. Without points left it is shut out.
   * @param refusal - what was wrong with its frame, as it is counted; empty for a connection
   */
  charge(device: DeviceId, offence: Offence, refusal = ''): void {
    const now = this.components.monotonicMs()
    const entry = this.entryOf(device, now)
    if (refusal !== '') {
      entry.refused++
      entry.lastRefusal = refusal
    }
    // What it had sent before it was disconnected is no second offence.
    if (entry.untilMs > now || entry.points.take(OFFENCE_POINTS[offence], now)) return
    entry.level = levelAt(entry, now) + 1
    entry.untilMs = now + Math.min(SHUT_OUT_MS_MAX, FIRST_SHUT_OUT_MS * 2 ** (entry.level - 1))
    entry.reason = offence
    entry.points = newPoints(entry.untilMs)
    this.components.count(`shut_out:${offence}`)
    this.components.kick(device, `shut_out:${offence}`)
    this.components.keep(writeShutOuts(this.records(now)))
  }

  /** Who is shut out or was lately, those with the most times first. */
  private records(nowMs: number): ShutOutRecord[] {
    const offMs = this.components.wallMs() - nowMs
    return [...this.entries]
      .filter(([, entry]) => levelAt(entry, nowMs) > 0)
      .map(([device, { level, untilMs, reason }]) => ({ device, level, untilMs: Math.round(untilMs + offMs), reason }))
      .sort((a, b) => b.level - a.level || b.untilMs - a.untilMs)
  }

  /** Whether a device is not let in now; null when it is. */
  shutOut(device: DeviceId): ShutOut | null {
    const entry = this.entries.get(device)
    const leftMs = (entry?.untilMs ?? 0) - this.components.monotonicMs()
    return entry === undefined || leftMs <= 0 ? null : { leftMs, because: OFFENCE_WORDS[entry.reason] }
  }

  /** What an operator should know of a device's conduct; empty when there is nothing. */
  reasonsOf(device: DeviceId): string[] {
    const entry = this.entries.get(device)
    if (entry === undefined) return []
    const { refused, lastRefusal, reason } = entry
    const level = levelAt(entry, this.components.monotonicMs())
    const times = level === 1 ? 'once' : `${level} times`
    const out = this.shutOut(device)
    const reasons: string[] = []
    if (out !== null)
      reasons.push(`It is shut out for ${Math.ceil(out.leftMs / 1_000)} s more, ${times} lately: it ${out.because}.`)
    else if (level > 0) reasons.push(`It was shut out ${times} lately: it ${OFFENCE_WORDS[reason]}.`)
    if (refused === 1) reasons.push(`One of its messages was of no use: ${lastRefusal}.`)
    if (refused > 1) reasons.push(`${refused} of its messages were of no use, the last one: ${lastRefusal}.`)
    return reasons
  }

  private entryOf(device: DeviceId, nowMs: number): Entry {
    const known = this.entries.get(device)
    if (known !== undefined) return known
    const [oldest] = this.entries.size < ENTRIES_MAX ? [] : this.entries.keys()
    if (oldest !== undefined) this.entries.delete(oldest)
    const entry: Entry = {
      points: newPoints(nowMs),
      level: 0,
      untilMs: Number.NEGATIVE_INFINITY,
      reason: 'garbage',
      refused: 0,
      lastRefusal: '',
    }
    this.entries.set(device, entry)
    return entry
  }
}

/** How often it was shut out, less what time has forgiven. */
function levelAt({ level, untilMs }: Entry, nowMs: number): number {
  return Math.max(0, level - Math.max(0, Math.floor((nowMs - untilMs) / FORGIVEN_AFTER_MS)))
}

const newPoints = (nowMs: number) => new TokenBucket(LIMITS.conductPointsPerSecond, LIMITS.conductPointsMax, nowMs)
