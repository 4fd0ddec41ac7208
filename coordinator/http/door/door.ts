/** What every request passes before anybody looks at what it wants: the name it calls the server by, where it comes from, how many there were. */
import type { Clock } from '../../../protocol/index.ts'
import { addressKey } from '../../broker/address.ts'
import { ApiError } from '../admin-api.ts'
import { type HttpAuth, isSameToken, type Principal, principalOf, tokenOf } from '../auth.ts'
import type { Exchange } from '../exchange.ts'
import { Buckets } from './buckets.ts'
import { FailedTokens } from './failed-tokens.ts'
import { knownHosts } from './known-hosts.ts'
import { isForeign } from './same-site.ts'

export interface DoorComponents {
  auth: HttpAuth
  clock: Pick<Clock, 'monotonicMs'>
}

export interface DoorInit {
  /** The address that is listened on. */
  host: string
  /** The name that devices are told, when it is another. */
  publicHost?: string | undefined
}

/** Of one address, for the API and the page. Blobs and the log are bounded by connections: a room full of devices shares an address. */
const ADDRESS_PER_SECOND = 300
const ADDRESS_BURST = 3_000
/** Of one address without a token: a few pages that are opened at once. */
const PUBLIC_PER_SECOND = 50
const PUBLIC_BURST = 500
/** Of one token, wherever it is used. */
const TOKEN_PER_SECOND = 200
const TOKEN_BURST = 2_000
const KEYS_MAX = 10_000

const SAFE_METHODS: readonly unknown[] = ['GET', 'HEAD', 'OPTIONS']

export class Door {
  private readonly components: DoorComponents
  private readonly isKnownHost: (header: string | undefined) => boolean
  private readonly failed = new FailedTokens()
  private readonly addresses = new Buckets(ADDRESS_PER_SECOND, ADDRESS_BURST, KEYS_MAX)
  private readonly strangers = new Buckets(PUBLIC_PER_SECOND, PUBLIC_BURST, KEYS_MAX)
  private readonly tokens = new Buckets(TOKEN_PER_SECOND, TOKEN_BURST, KEYS_MAX)

  constructor(components: DoorComponents, init: DoorInit) {
    this.components = components
    this.isKnownHost = knownHosts(init.host, init.publicHost)
  }

  /**
   * Refuses what a foreign page sends.
   * @throws {ApiError} `not_allowed`
   */
  checkOrigin({ req }: Exchange): void {
    if (SAFE_METHODS.includes(req.method) || !isForeign(req.headers)) return
    throw new ApiError('not_allowed', 'A page of another site sent this: only the page served here, or a program, may.')
  }

  /**
   * Refuses names that are not the server's own, and whoever asks too much. The operator may: its programs are the region's own.
   * @throws {ApiError} `not_allowed`, `too_busy`
   */
  checkGuest(exchange: Exchange): void {
    const { headers } = exchange.req
    if (!this.isKnownHost(headers.host)) {
      throw new ApiError(
        'not_allowed',
        'This coordinator listens on this machine only and does not go by this name: ask for localhost, or start it with --public-host.',
      )
    }
    const token = tokenOf(headers.authorization)
    if (token !== null && isSameToken(token, this.components.auth.adminToken)) return
    const nowMs = this.components.clock.monotonicMs()
    const address = addressOf(exchange)
    const isStranger = headers.authorization === undefined
    if (this.addresses.take(address, nowMs) && (!isStranger || this.strangers.take(address, nowMs))) return
    throw tooMany('this address')
  }

  /**
   * Who asks.
   * @throws {ApiError} `bad_token`, or `too_busy` when the token or the address asked too much
   */
  principalOf(exchange: Exchange): Principal {
    const { authorization } = exchange.req.headers
    const principal = this.checked(exchange, () => principalOf(authorization, this.components.auth))
    const token = tokenOf(authorization)
    if (token === null || principal.role === 'operator') return principal
    if (this.tokens.take(token, this.components.clock.monotonicMs())) return principal
    throw tooMany('this token')
  }

  /**
   * Runs a check of what is in the `Authorization` header, unless the address had too many that were wrong.
   * @throws {ApiError} `too_busy`, or what the check throws
   */
  checked<Result>(exchange: Exchange, check: () => Result): Result {
    this.checkFailures(exchange)
    try {
      const result = check()
      this.passed(exchange)
      return result
    } catch (error) {
      throw this.noted(exchange, error)
    }
  }

  /** The same for a check that is a part of the answer. */
  async checkedWhile(exchange: Exchange, answer: () => Promise<void>): Promise<void> {
    this.checkFailures(exchange)
    try {
      await answer()
    } catch (error) {
      throw this.noted(exchange, error)
    }
  }

  private checkFailures(exchange: Exchange): void {
    const { authorization } = exchange.req.headers
    if (authorization === undefined) return
    const waitMs = this.failed.waitMs(addressOf(exchange), authorization, this.components.clock.monotonicMs())
    if (waitMs === 0) return
    const seconds = Math.ceil(waitMs / 1_000)
    throw new ApiError('too_busy', `Too many wrong tokens came from this address: try again in ${seconds} s.`)
  }

  private passed({ req }: Exchange): void {
    if (req.headers.authorization !== undefined) this.failed.passed(req.headers.authorization)
  }

  private noted(exchange: Exchange, error: unknown): unknown {
    const { authorization } = exchange.req.headers
    if (authorization !== undefined && error instanceof ApiError && error.code === 'bad_token') {
      this.failed.failed(addressOf(exchange), authorization, this.components.clock.monotonicMs())
    }
    return error
  }
}

/** What counts as one sender. */
export function addressOf({ req }: Exchange): string {
  return addressKey(req.socket.remoteAddress ?? '')
}

function tooMany(what: string): ApiError {
  return new ApiError('too_busy', `Too many requests came from ${what}: try again in a moment.`)
}
