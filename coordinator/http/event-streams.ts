/** `GET /api/events`: one long answer for each who watches. Whoever reads too slowly is cut off. */
import type { Live } from '../live/index.ts'
import { ApiError } from './admin-api.ts'
import type { Principal } from './auth.ts'
import { addressOf } from './door/index.ts'
import type { Exchange } from './exchange.ts'

export interface EventStreamsComponents {
  /** Null where nothing is told. */
  live: Live | null
  /** Whether the `Authorization` header still says the same. */
  isCurrent(header: string | undefined, principal: Principal): boolean
  count(reason: string): void
}

/** In all, for those without a token, and for one address: a town hall full of screens. */
const STREAMS_MAX = 512
const PUBLIC_STREAMS_MAX = 384
const STREAMS_PER_ADDRESS_MAX = 32
/** What may wait to be read before the next events come; with those it is about a megabyte. */
const UNREAD_BYTES_MAX = 256 * 1_024

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Proxies would hold events back.
  'x-accel-buffering': 'no',
}

export class EventStreams {
  private readonly components: EventStreamsComponents
  private readonly perAddress = new Map<string, number>()
  private total = 0
  private strangers = 0

  constructor(components: EventStreamsComponents) {
    this.components = components
  }

  /**
   * Answers with events until one side ends it.
   * @throws {ApiError} `too_busy` or `busy` when there are too many already
   */
  async open(exchange: Exchange, principal: Principal): Promise<void> {
    const { live, count, isCurrent } = this.components
    const { req, res } = exchange
    if (live === null) throw new ApiError('not_found', 'Nothing is told here.')
    const isStranger = principal.role === 'public'
    const release = this.enter(addressOf(exchange), isStranger)
    const listener = {
      role: principal.role,
      name: 'name' in principal ? principal.name : null,
      send: (bytes: Uint8Array) => {
        if (res.destroyed) return
        if (res.writableLength <= UNREAD_BYTES_MAX) res.write(bytes)
        else {
          count('http:slow_reader')
          res.destroy()
        }
      },
      isCurrent: () => isCurrent(req.headers.authorization, principal),
      close: () => res.end(),
    }
    res.once('close', () => {
      release()
      live.leave(listener)
    })
    res.writeHead(200, HEADERS)
    res.flushHeaders()
    await live.join(listener)
    // It may have hung up meanwhile, and its close was heard before it had joined.
    if (res.destroyed) live.leave(listener)
  }

  private enter(address: string, isStranger: boolean): () => void {
    const own = this.perAddress.get(address) ?? 0
    if (own >= STREAMS_PER_ADDRESS_MAX) {
      throw new ApiError('too_busy', `${STREAMS_PER_ADDRESS_MAX} of this address watch already: end one of them first.`)
    }
    if (this.total >= STREAMS_MAX || (isStranger && this.strangers >= PUBLIC_STREAMS_MAX)) {
      throw new ApiError('busy', 'As many watch already as can: ask for what you want to know now and then.')
    }
    this.perAddress.set(address, own + 1)
    this.total++
    if (isStranger) this.strangers++
    return () => {
      const left = (this.perAddress.get(address) ?? 1) - 1
      if (left === 0) this.perAddress.delete(address)
      else this.perAddress.set(address, left)
      this.total--
      if (isStranger) this.strangers--
    }
  }
}
