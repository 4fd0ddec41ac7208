/**
 * Devices that may have room. Something that gives a device room, such as a lease that came back, wakes it; whether it really has room is
 * looked at when work is handed out, so no step ever goes through the whole fleet.
 */
import type { DeviceId } from '../../protocol/index.ts'
import { IndexedSet } from './indexed-set.ts'

export class Ready {
  /** Something about them has changed since they were last looked at, in this order. */
  private woken = new Set<DeviceId>()
  /** Had room and found nothing to do. */
  readonly idle = new IndexedSet<DeviceId>()
  /** Of these, the ones of owners that have never had a unit. */
  readonly newcomers = new IndexedSet<DeviceId>()
  /** Get nothing before that monotonic time. */
  private readonly resting = new Map<DeviceId, number>()

  get size(): number {
    return this.woken.size + this.idle.size
  }

  /** The woken first. */
  *all(): Generator<DeviceId> {
    yield* this.woken
    yield* this.idle
  }

  wake(device: DeviceId): void {
    this.leave(device)
    this.woken.add(device)
  }

  wokenSoFar(): Iterable<DeviceId> {
    return this.woken
  }

  /** Those woken since the last call; each is to be given work, to be set to rest, or to become idle. */
  takeWoken(): DeviceId[] {
    const devices = [...this.woken]
    this.woken.clear()
    return devices
  }

  becomeIdle(device: DeviceId, isNewcomer: boolean): void {
    this.idle.add(device)
    if (isNewcomer) this.newcomers.add(device)
  }

  rest(device: DeviceId, untilMs: number): void {
    this.leave(device)
    this.resting.set(device, untilMs)
  }

  /** Wakes those whose rest is over. */
  endRests(monotonicMs: number): void {
    for (const [device, untilMs] of this.resting) if (untilMs <= monotonicMs) this.wake(device)
  }

  /** It has no room; whatever gives it room wakes it. */
  leave(device: DeviceId): void {
    this.woken.delete(device)
    this.idle.delete(device)
    this.newcomers.delete(device)
    this.resting.delete(device)
  }
}
