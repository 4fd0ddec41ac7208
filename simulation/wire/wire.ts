/** One TCP connection: two streams of bytes that arrive late, in pieces, or not at all, but never out of order. */

import { between, happens, wholeBetween } from '../world/chance.ts'
import type { World } from '../world/world.ts'
import type { Site, Way } from './site.ts'

export interface WireEnd {
  onBytes(bytes: Uint8Array): void
  /** The other side has ended the connection, or it broke. */
  onClosed(): void
}

const RETRANSMIT_MS = 200
/** After so many losses of one segment in a row the connection breaks. */
const LOSSES_MAX = 6

interface Stream {
  readonly way: Way
  /** Sent and not arrived, oldest first. */
  readonly flight: Uint8Array[]
  /** When the newest of them arrives. */
  lastMs: number
  /** Arrived at a closed way. */
  readonly held: (() => void)[]
  /** The receiving end; null once it hears nothing any more. */
  end: WireEnd | null
}

/** The connection as one of its ends uses it. */
export interface Outlet {
  write(bytes: Uint8Array): void
  /** Ends the connection; what was written before still arrives. */
  close(): void
}

export class Wire {
  readonly #world: World
  readonly #site: Site
  readonly #streams: Readonly<Record<Way, Stream>>
  #isOpen = true
  readonly #stopListening: () => void

  /**
   * @param near - hears what comes `down`
   * @param far - hears what comes `up`
   */
  constructor(world: World, site: Site, near: WireEnd, far: WireEnd) {
    this.#world = world
    this.#site = site
    this.#streams = { up: newStream('up', far), down: newStream('down', near) }
    this.#stopListening = site.onOpen(() => this.#resume())
  }

  /** What is written here arrives at the other end. */
  outlet(way: Way): Outlet {
    const back = way === 'up' ? 'down' : 'up'
    return {
      write: bytes => this.#send(this.#streams[way], bytes),
      close: () => {
        if (!this.#isOpen) return
        this.#isOpen = false
        this.#streams[back].end = null
        this.#finish(this.#streams[way])
      },
    }
  }

  /** The connection breaks: of what is under way a part arrives, and each side may or may not hear of the end. */
  break(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    const { random, halfOpenRate, truncationRate } = this.#site
    const deaf = happens(random, halfOpenRate) ? (happens(random, 0.5) ? 'up' : 'down') : null
    for (const stream of Object.values(this.#streams)) {
      const kept = wholeBetween(random, 0, stream.flight.length)
      const [torn] = stream.flight.slice(kept, kept + 1)
      stream.flight.length = Math.min(stream.flight.length, kept)
      if (torn !== undefined && torn.length > 1 && happens(random, truncationRate)) {
        this.#world.log.sometimes('packet cut off by a broken connection')
        this.#send(stream, torn.subarray(0, wholeBetween(random, 1, torn.length - 1)))
      }
      if (deaf !== stream.way) this.#finish(stream)
      else {
        this.#world.log.sometimes('connection half open')
        this.#world.note(`half-open ${this.#site.name} ${stream.way}`)
      }
    }
  }

  #send(stream: Stream, bytes: Uint8Array): void {
    if (!this.#isOpen && stream.end === null) return
    const { random, line } = this.#site
    for (const piece of pieces(bytes, this.#site)) {
      let delayMs = between(random, line.delayMs[0], line.delayMs[1])
      let losses = 0
      while (losses < LOSSES_MAX && happens(random, line.lossRate)) delayMs += RETRANSMIT_MS * 2 ** losses++
      if (losses === LOSSES_MAX) {
        this.break()
        return
      }
      stream.flight.push(piece)
      stream.lastMs = Math.max(stream.lastMs, this.#world.nowMs + delayMs)
      this.#world.after(stream.lastMs - this.#world.nowMs, () => this.#arrive(stream, piece))
    }
  }

  #arrive(stream: Stream, piece: Uint8Array): void {
    // What a break has dropped does not arrive.
    if (stream.flight[0] !== piece) return
    stream.flight.shift()
    this.#deliver(stream, () => {
      this.#world.note(`${this.#site.name} ${stream.way} ${piece.length}`, piece)
      stream.end?.onBytes(piece)
    })
  }

  #finish(stream: Stream): void {
    const { end } = stream
    const waitMs = Math.max(stream.lastMs - this.#world.nowMs, this.#site.line.delayMs[0])
    this.#world.after(waitMs, () =>
      this.#deliver(stream, () => {
        if (stream.end === null || stream.end !== end) return
        stream.end = null
        this.#world.note(`${this.#site.name} ${stream.way} closed`)
        end?.onClosed()
        if (this.#streams.up.end === null && this.#streams.down.end === null) this.#stopListening()
      }),
    )
  }

  #deliver(stream: Stream, act: () => void): void {
    if (stream.held.length > 0 || this.#site.cut.has(stream.way)) stream.held.push(act)
    else act()
  }

  #resume(): void {
    for (const stream of Object.values(this.#streams)) {
      if (this.#site.cut.has(stream.way)) continue
      for (const act of stream.held.splice(0)) act()
    }
  }
}

function newStream(way: Way, end: WireEnd): Stream {
  return { way, flight: [], lastMs: 0, held: [], end }
}

function pieces(bytes: Uint8Array, { random, line }: Site): Uint8Array[] {
  if (bytes.length < 2 || !happens(random, line.splitRate)) return [bytes]
  const at = wholeBetween(random, 1, bytes.length - 1)
  return [bytes.subarray(0, at), bytes.subarray(at)]
}
