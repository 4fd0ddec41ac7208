/**
 * Sends what is in the outbox until the region acknowledges it: at once, again after every reconnect, and again when no ack comes.
 * Only the region's own ack says that something is on stable storage; that a broker has it means nothing.
 */
import type { Clock, Timer } from '../../protocol/index.ts'
import type { Outbox, OutboxRow } from '../store/index.ts'

export interface OutboxSenderComponents {
  readonly clock: Clock
  readonly outbox: Outbox
  /** Hands a frame of results or readings to the connection. */
  publish(row: OutboxRow): Promise<void>
  /** Frames are about to be sent again, so what the region was told beside them may have been lost too. */
  resending(): void
}

/** Frames sent and not acknowledged: enough to keep the line busy, few enough not to flood a region that came back. */
const IN_FLIGHT_MAX = 32
const ACK_WAIT_MS = 10_000

export class OutboxSender {
  readonly #clock: Clock
  readonly #outbox: Outbox
  readonly #components: OutboxSenderComponents
  /** When each unacknowledged frame was sent last, in the order of sending. */
  readonly #inFlight = new Map<number, number>()
  #online = false
  /** Everything up to here is in flight or acknowledged. */
  #sentTo = 0
  #timer: Timer | null = null

  constructor(components: OutboxSenderComponents) {
    this.#clock = components.clock
    this.#outbox = components.outbox
    this.#components = components
  }

  /** Frames sent and not acknowledged. */
  get inFlight(): number {
    return this.#inFlight.size
  }

  /** The region listens: sends everything, oldest first. */
  online(): void {
    this.offline()
    this.#online = true
    this.#fill()
  }

  offline(): void {
    this.#online = false
    this.#sentTo = 0
    this.#inFlight.clear()
    this.#timer?.cancel()
    this.#timer = null
  }

  /** A frame was put into the outbox. */
  added(row: OutboxRow): void {
    if (!this.#online) return
    // In turn only: older frames that wait for room go first.
    if (this.#inFlight.size < IN_FLIGHT_MAX && this.#inFlight.size === this.#outbox.frames - 1) {
      this.#sentTo = row.seq
      this.#send(row)
    } else {
      this.#fill()
    }
  }

  /** The region has stored these. */
  acked(seqs: readonly number[]): void {
    this.#outbox.forget(seqs)
    for (const seq of seqs) this.#inFlight.delete(seq)
    if (this.#online) this.#fill()
  }

  #fill(): void {
    const room = IN_FLIGHT_MAX - this.#inFlight.size
    if (room <= 0 || this.#outbox.frames === this.#inFlight.size) return
    for (const row of this.#outbox.after(this.#sentTo, room)) {
      this.#sentTo = row.seq
      this.#send(row)
    }
  }

  #send(row: OutboxRow): void {
    this.#inFlight.delete(row.seq)
    this.#inFlight.set(row.seq, this.#clock.monotonicMs())
    this.#watch()
    // A connection that breaks is followed by a new one, and that by online().
    this.#components.publish(row).catch(() => {})
  }

  #watch(): void {
    if (this.#timer !== null) return
    for (const sentMs of this.#inFlight.values()) {
      const dueMs = sentMs + ACK_WAIT_MS - this.#clock.monotonicMs()
      this.#timer = this.#clock.setTimeout(() => this.#resend(), Math.max(0, dueMs))
      return
    }
  }

  #resend(): void {
    this.#timer = null
    const now = this.#clock.monotonicMs()
    this.#components.resending()
    for (const [seq, sentMs] of [...this.#inFlight]) {
      if (sentMs + ACK_WAIT_MS > now) break
      const [row] = this.#outbox.after(seq - 1, 1)
      if (row?.seq === seq) this.#send(row)
      else this.#inFlight.delete(seq)
    }
    this.#watch()
  }
}
