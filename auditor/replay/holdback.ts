/**
 * How long earnings are held. Time is cut into windows of `holdbackWindowMs`; what is earned in one window may be released when the next has
 * ended, so everything is held for one to two windows. When the length changes, the shorter of the two lengths counts for what is held.
 */
import type { Account } from './accounts.ts'
import type { Scene } from './scene.ts'

/** Earnings of one window. */
interface Part {
  readonly startMs: number
  readonly windowMs: number
  amountMicro: bigint
}

const startOf = (atMs: number, windowMs: number): number => atMs - (atMs % windowMs)

/** What every device has in holdback, by the window in which it was earned. */
export class Holdback {
  private readonly scene: Scene
  private readonly parts = new Map<string, Part[]>()

  constructor(scene: Scene) {
    this.scene = scene
  }

  /** What a device has earned since a moment, and not lost; of what it had before the log nothing is known. */
  sinceMicro(device: string, startMs: number): bigint {
    let micro = 0n
    for (const part of this.parts.get(device) ?? []) if (part.startMs >= startMs) micro += part.amountMicro
    return micro
  }

  /** Something was credited to the holdback. */
  credit({ subject }: Account, amountMicro: bigint, atMs: number): void {
    const windowMs = this.windowMs()
    if (windowMs === null) return
    const startMs = startOf(atMs, windowMs)
    let parts = this.parts.get(subject)
    if (parts === undefined) {
      parts = []
      this.parts.set(subject, parts)
    }
    const last = parts.at(-1)
    if (last?.startMs === startMs && last.windowMs === windowMs) last.amountMicro += amountMicro
    else parts.push({ startMs, windowMs, amountMicro })
  }

  /** Checks that what is released has been held long enough. */
  release(debit: Account, credit: Account, amountMicro: bigint, purpose: string, atMs: number): void {
    const windowMs = this.windowMs()
    if (windowMs === null) return
    const expected = `release/${debit.subject}/${startOf(atMs, windowMs)}`
    if (debit.subject !== credit.subject) {
      this.scene.broken('release.device', `earnings of ${debit.subject} are released to ${credit.subject}.`)
    }
    if (purpose !== expected)
      this.scene.broken('transfer.purpose', `its purpose is '${purpose}' instead of '${expected}'.`)
    const dueMicro = this.heldLong(debit, atMs, windowMs)
    if (amountMicro > dueMicro) {
      const held = `${dueMicro} had been held for a whole window of ${windowMs} ms`
      this.scene.broken('release.early', `${amountMicro} is released of ${debit.id}, of which ${held}.`)
    }
    this.take(debit.subject, amountMicro, 0)
  }

  /** Something left the holdback otherwise; the newest earnings go first. */
  debit({ subject }: Account, amountMicro: bigint): void {
    this.take(subject, amountMicro, -1)
  }

  private heldLong(
    { subject, fromBefore, creditsMicro, debitsMicro }: Account,
    atMs: number,
    windowMs: number,
  ): bigint {
    const parts = this.parts.get(subject) ?? []
    const startMs = startOf(atMs, windowMs)
    let youngMicro = 0n
    let oldMicro = 0n
    for (const part of parts) {
      if (startMs - part.startMs > Math.min(windowMs, part.windowMs)) oldMicro += part.amountMicro
      else youngMicro += part.amountMicro
    }
    // What a device had before the log began was earned nobody knows when.
    return fromBefore ? creditsMicro - debitsMicro - youngMicro : oldMicro
  }

  /** @param end - 0 for the oldest first, -1 for the newest */
  private take(subject: string, amountMicro: bigint, end: 0 | -1): void {
    const parts = this.parts.get(subject)
    if (parts === undefined) return
    let leftMicro = amountMicro
    while (leftMicro > 0n) {
      const part = parts.at(end)
      if (part === undefined) break
      const takenMicro = leftMicro < part.amountMicro ? leftMicro : part.amountMicro
      part.amountMicro -= takenMicro
      leftMicro -= takenMicro
      if (part.amountMicro > 0n) break
      if (end === 0) parts.shift()
      else parts.pop()
    }
    if (parts.length === 0) this.parts.delete(subject)
  }

  private windowMs(): number | null {
    const { policy } = this.scene
    if (policy !== null) return policy.holdbackWindowMs
    this.scene.broken(
      'policy.missing',
      'money moves in or out of a holdback before a rule says for how long it is held.',
    )
    return null
  }
}
