/** Keeps one connection to the region: connects, says how it stands, and tries again with growing, jittered delays. */
import {
  type Clock,
  HedgerowError,
  type Random,
  type Timer,
  TransportError,
  type UplinkClass,
} from '../../protocol/index.ts'
import { Emitter } from '../emitter.ts'
import { LINK_BACKOFF, retryDelayMs } from './backoff.ts'
import type { Connection, Link, LinkHandlers, LinkTarget } from './link.ts'

export type LinkState =
  | { readonly kind: 'off' }
  | { readonly kind: 'connecting'; readonly address: string }
  /** Connected and subscribed; `session` is the CONNECT counter. */
  | { readonly kind: 'open'; readonly address: string; readonly session: number }
  | { readonly kind: 'waiting'; readonly error: HedgerowError<{ code: string }>; readonly retryAtMs: number }

export type LinkKeeperEvents = {
  state: LinkState
  downlink: Parameters<LinkHandlers['downlink']>
}

export interface LinkKeeperComponents {
  readonly clock: Clock
  readonly random: Random
  readonly link: Link
  /** A counter that this device has never used, larger than all before. */
  nextCounter(leap: number): number
  /** Where to connect; called for each try. */
  target(counter: number): LinkTarget
}

/** A connection that lasted this long ends the row of failures. */
const STEADY_MS = 10_000
/** Longest step of the counter: after 20 refusals in a row it is a million ahead of anything it lost. */
const LEAP_MAX = 2 ** 20

export class LinkKeeper {
  readonly events = new Emitter<LinkKeeperEvents>()
  readonly #parts: LinkKeeperComponents
  #state: LinkState = { kind: 'off' }
  #connection: Connection | null = null
  #timer: Timer | null = null
  #openedAtMs = 0
  #failures = 0
  #refusals = 0
  /** A counter that surely never left this machine. */
  #unsentCounter: number | null = null
  /** Tells a try that was overtaken by stop from the current one. */
  #generation = 0

  constructor(components: LinkKeeperComponents) {
    this.#parts = components
  }

  get state(): LinkState {
    return this.#state
  }

  /** CONNECTs refused in a row. */
  get refusals(): number {
    return this.#refusals
  }

  start(): void {
    if (this.#state.kind === 'off') void this.#connect(++this.#generation)
  }

  stop(): void {
    this.#generation += 1
    this.#timer?.cancel()
    this.#connection?.close()
    this.#connection = null
    this.#become({ kind: 'off' })
  }

  /**
   * Ends the connection and retries as after a failure.
   * @param leastDelayMs - wait at least this long
   */
  giveUp(error: HedgerowError<{ code: string }>, leastDelayMs = 0): void {
    if (this.#state.kind !== 'open') return
    this.#connection?.close()
    this.#retry(error, leastDelayMs)
  }

  /** @throws {TransportError} `closed` when there is no connection */
  publish(name: UplinkClass, frame: Uint8Array): Promise<void> {
    if (this.#connection === null) {
      return Promise.reject(
        new TransportError({ code: 'closed', address: '' }, 'There is no connection to the region.'),
      )
    }
    return this.#connection.publish(name, frame)
  }

  async #connect(generation: number): Promise<void> {
    let counter: number | null = null
    try {
      counter = this.#takeCounter()
      const target = this.#parts.target(counter)
      this.#become({ kind: 'connecting', address: target.address })
      const connection = await this.#parts.link.connect(target, this.#handlers(generation, target.address))
      if (generation !== this.#generation) return connection.close()
      this.#opened(connection, target.address, counter)
    } catch (thrown) {
      if (!(thrown instanceof HedgerowError)) throw thrown
      if (generation === this.#generation) this.#failed(thrown, counter)
    }
  }

  #handlers(generation: number, address: string): LinkHandlers {
    return {
      downlink: (name, frame) => {
        if (generation === this.#generation) this.events.emit('downlink', [name, frame])
      },
      closed: () => {
        if (generation === this.#generation) this.#retry(closedByRegion(address))
      },
    }
  }

  /** A refused counter may be one the region has seen before (a restored card): leap past it, further each time. */
  #takeCounter(): number {
    const counter =
      this.#unsentCounter ?? this.#parts.nextCounter(Math.min(4 ** Math.min(this.#refusals, 10), LEAP_MAX))
    this.#unsentCounter = null
    return counter
  }

  #opened(connection: Connection, address: string, session: number): void {
    this.#connection = connection
    this.#openedAtMs = this.#parts.clock.monotonicMs()
    this.#refusals = 0
    this.#become({ kind: 'open', address, session })
  }

  #failed(error: HedgerowError<{ code: string }>, counter: number | null): void {
    if (error.code === 'refused') this.#refusals += 1
    // Nobody was there to see it, or nobody it was shown to, so it is still good; an offline device need not wear its card out.
    if (error.code === 'unreachable' || error.code === 'untrusted') this.#unsentCounter = counter
    this.#retry(error)
  }

  #retry(error: HedgerowError<{ code: string }>, leastDelayMs = 0): void {
    const { clock, random } = this.#parts
    const now = clock.monotonicMs()
    if (this.#state.kind === 'open' && now - this.#openedAtMs >= STEADY_MS) this.#failures = 0
    this.#failures += 1
    this.#connection = null
    const generation = ++this.#generation
    const delayMs = Math.max(leastDelayMs, retryDelayMs(this.#failures, LINK_BACKOFF, random))
    this.#timer = clock.setTimeout(() => void this.#connect(generation), delayMs)
    this.#become({ kind: 'waiting', error, retryAtMs: now + delayMs })
  }

  #become(state: LinkState): void {
    this.#state = state
    this.events.emit('state', state)
  }
}

function closedByRegion(address: string): TransportError {
  return new TransportError({ code: 'closed', address }, `The broker at ${address} closed the connection.`)
}
