/**
 * Decides when a client that does not read what it is sent must go. Whatever a client leaves unread is held by this process,
 * and a broker that waits for one such client soon waits for all of them, so nobody is waited for: up to
 * `freeBytes` may lie unread; above it the client must be taking bytes; above `heldBytesMax` it goes at once.
 *
 * A plain limit of 64 KiB would also drop a healthy device on a slow line in the middle of a burst of leases, and again after
 * every reconnect; that is why progress counts.
 */
import type { Clock } from '../../protocol/index.ts'

export interface SlowReaderLimits {
  /** Bytes that may wait for a client without a question asked. */
  readonly freeBytes: number
  /** Most bytes held for one client. */
  readonly heldBytesMax: number
  /** A client above `freeBytes` must take something within this time. */
  readonly stalledMsMax: number
  /** And before it has sent this many packets: each wants an answer, and small answers cost far more memory than their bytes. */
  readonly stalledPacketsMax: number
}

/**
 * 1 MiB is 64 leases with the largest inline inputs. It may all be one write, which shows no progress until it is over: 8.4 s on
 * a 1 Mbit/s line, hence 15 s.
 */
export const SLOW_READER_LIMITS: SlowReaderLimits = {
  freeBytes: 65_536,
  heldBytesMax: 1_048_576,
  stalledMsMax: 15_000,
  stalledPacketsMax: 4_096,
}

/** The writing side of a connection, as `net.Socket` has it. */
export interface Outlet {
  /** Bytes written but not yet taken by the operating system. */
  readonly writableLength: number
  /** Bytes ever written, those included. */
  readonly bytesWritten: number
}

/** Follows one client's reading. */
export class SlowReader {
  private readonly clock: Clock
  private readonly limits: SlowReaderLimits
  /** What had been taken when the client was last seen to take something, when that was, and the packets it had sent. */
  private stall: { takenBytes: number; sinceMs: number; packets: number } | null = null

  constructor(clock: Clock, limits: SlowReaderLimits = SLOW_READER_LIMITS) {
    this.clock = clock
    this.limits = limits
  }

  /**
   * Looks at the client before more is written to it or read from it.
   * @param packets - complete packets it has sent so far
   * @returns whether it must be disconnected
   */
  isStalled(outlet: Outlet, packets: number): boolean {
    const heldBytes = outlet.writableLength
    if (heldBytes <= this.limits.freeBytes) {
      this.stall = null
      return false
    }
    if (heldBytes > this.limits.heldBytesMax) return true
    const takenBytes = outlet.bytesWritten - heldBytes
    const now = this.clock.monotonicMs()
    if (this.stall === null || takenBytes > this.stall.takenBytes) {
      this.stall = { takenBytes, sinceMs: now, packets }
      return false
    }
    const { sinceMs } = this.stall
    return now - sinceMs >= this.limits.stalledMsMax || packets - this.stall.packets > this.limits.stalledPacketsMax
  }
}
