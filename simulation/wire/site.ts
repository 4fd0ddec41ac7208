/** Where a machine stands in the network, and what is wrong with its line at the moment. */
import type { Random } from '../../protocol/index.ts'

/** One direction of a line: `up` to the coordinator, `down` from it. */
export type Way = 'up' | 'down'

export interface LineFaults {
  /** Time that bytes take, at least and at most. */
  delayMs: readonly [number, number]
  /** Share of segments that are lost: TCP sends them again, and everything behind them waits. */
  lossRate: number
  /** Share of writes that arrive in pieces. */
  splitRate: number
}

export class Site {
  readonly name: string
  /** Where it connects from. */
  readonly address: string
  readonly random: Random
  readonly line: LineFaults
  /** Ways on which nothing arrives until they are opened again. */
  readonly cut = new Set<Way>()
  /** Share of messages that are sent again, marked as such, after a reconnect. */
  redeliveryRate = 0
  /** Share of connections whose end one side does not hear of. */
  halfOpenRate = 0
  /** Share of breaks that leave part of a packet behind. */
  truncationRate = 0
  readonly #waiting = new Set<() => void>()

  constructor(name: string, address: string, random: Random, line: LineFaults) {
    this.address = address
    this.name = name
    this.random = random
    this.line = line
  }

  close(way: Way): void {
    this.cut.add(way)
  }

  open(way: Way): void {
    if (!this.cut.delete(way)) return
    for (const resume of this.#waiting) resume()
  }

  /** Calls `resume` when a way is opened, until the returned function is called. */
  onOpen(resume: () => void): () => void {
    this.#waiting.add(resume)
    return () => void this.#waiting.delete(resume)
  }
}
