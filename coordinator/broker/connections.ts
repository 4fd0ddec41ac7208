/**
 * Who is connected: how many from where, and at most one connection for each identity. The broker behind it knows
 * connections only by numbers of ours, so what a client calls itself can displace nobody.
 */
import type { Socket } from 'node:net'
import { type Clock, type DeviceId, LIMITS, type Principal, type SubmitterName } from '../../protocol/index.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { ConnectRequest } from './authorize.ts'
import { FrameGuard } from './frame-guard.ts'
import { PublishWriter } from './publish-writer.ts'
import { SlowReader } from './slow-readers.ts'
import { Throttle } from './throttle.ts'

/** One TCP connection, from accept to close. */
export interface Connection {
  readonly socket: Socket
  /** See `addressKey`. */
  readonly address: string
  readonly guard: FrameGuard
  readonly reader: SlowReader
  /** Shared by all connections of a submitter. */
  throttle: Throttle
  /** Whether it is read on later, since it has sent too fast. */
  isThrottled: boolean
  /** `waiting` for CONNECT, `judging` it, `open` once authenticated, `ended` from when it must not be heard any more. */
  state: 'waiting' | 'judging' | 'open' | 'ended'
  /** What its CONNECT said, while that is judged. */
  request: ConnectRequest | null
  /** Who it is, from `open` on, and the name under which it is kept. */
  principal: Principal | null
  identity: string | null
  /** The filters it has asked for and been allowed. */
  readonly filters: Set<string>
  /** Writes to this client alone, at this level; null until it has subscribed to anything. */
  readonly writer: PublishWriter
  level: 0 | 1 | null
}

/** A connection that has said nothing yet. */
export function newConnection(socket: Socket, address: string, clock: Clock): Connection {
  return {
    socket,
    address,
    guard: new FrameGuard(),
    reader: new SlowReader(clock),
    throttle: new Throttle(clock),
    isThrottled: false,
    state: 'waiting',
    request: null,
    principal: null,
    identity: null,
    filters: new Set(),
    writer: new PublishWriter(socket),
    level: null,
  }
}

export interface ConnectionLimits {
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
  readonly connectionsPerSubmitterMax: number
}

/** Addresses whose connects are counted. Beyond, all start afresh: whoever has so many addresses is not held by a bound on each. */
const ADDRESSES_MAX = 100_000

/** Every connection that is counted, and the identities behind them. */
export class Connections {
  private readonly limits: ConnectionLimits
  private readonly clock: Clock
  private readonly all = new Set<Connection>()
  private readonly byIdentity = new Map<string, Connection>()
  private readonly perAddress = new Map<string, number>()
  /** How often each address connects. */
  private readonly connects = new Map<string, TokenBucket>()
  private readonly perSubmitter = new Map<SubmitterName, { open: number; readonly throttle: Throttle }>()
  private lastUnnamed = 0

  constructor(clock: Clock, limits: ConnectionLimits) {
    this.clock = clock
    this.limits = limits
  }

  get size(): number {
    return this.all.size
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.all.values()
  }

  /** The connection of a device, if it has one. */
  device(id: DeviceId): Connection | null {
    return this.byIdentity.get(id) ?? null
  }

  /** Counts a new connection, or says why there is no room for it. */
  add(connection: Connection): 'too_often_from_address' | 'too_many_connections' | 'too_many_from_address' | null {
    if (!this.connectsOf(connection.address).take(1, this.clock.monotonicMs())) return 'too_often_from_address'
    if (this.all.size >= this.limits.connectionsMax) return 'too_many_connections'
    const fromAddress = this.perAddress.get(connection.address) ?? 0
    if (fromAddress >= this.limits.connectionsPerAddressMax) return 'too_many_from_address'
    this.all.add(connection)
    this.perAddress.set(connection.address, fromAddress + 1)
    return null
  }

  /** The connection that already has the identity that this principal would have under this client id. */
  holderOf(principal: Principal, clientId: string): Connection | null {
    return this.byIdentity.get(this.identityOf(principal, clientId)) ?? null
  }

  /**
   * Gives a counted connection its identity, which nobody may hold: {@link remove} the holder first.
   * @returns why there is no room for it, or null
   */
  identify(connection: Connection, principal: Principal, clientId: string): 'too_many_of_submitter' | null {
    if (principal.kind === 'submitter') {
      const { throttle } = connection
      const own = this.perSubmitter.get(principal.name) ?? { open: 0, throttle }
      if (own.open >= this.limits.connectionsPerSubmitterMax) return 'too_many_of_submitter'
      own.open++
      this.perSubmitter.set(principal.name, own)
      connection.throttle = own.throttle
    }
    connection.principal = principal
    connection.identity = this.identityOf(principal, clientId)
    this.byIdentity.set(connection.identity, connection)
    return null
  }

  /** Forgets a connection and frees its identity. Returns whether it was there, so that it is forgotten once. */
  remove(connection: Connection): boolean {
    if (!this.all.delete(connection)) return false
    const { address, identity, principal } = connection
    const left = (this.perAddress.get(address) ?? 1) - 1
    if (left === 0) this.perAddress.delete(address)
    else this.perAddress.set(address, left)
    if (identity !== null) this.byIdentity.delete(identity)
    if (principal?.kind === 'submitter') this.leave(principal.name)
    return true
  }

  private leave(name: SubmitterName): void {
    const own = this.perSubmitter.get(name)
    if (own !== undefined && --own.open === 0) this.perSubmitter.delete(name)
  }

  private connectsOf(address: string): TokenBucket {
    const known = this.connects.get(address)
    if (known !== undefined) return known
    if (this.connects.size >= ADDRESSES_MAX) this.connects.clear()
    const { connectsPerAddressPerSecondMax, connectsPerAddressBurstMax } = LIMITS
    const bucket = new TokenBucket(connectsPerAddressPerSecondMax, connectsPerAddressBurstMax, this.clock.monotonicMs())
    this.connects.set(address, bucket)
    return bucket
  }

  /**
   * A device is one identity. Each client id of a submitter is one [MQTT-3.1.4-2], which no other submitter can take over;
   * each client without an id is one of its own [MQTT-3.1.3-6].
   */
  private identityOf(principal: Principal, clientId: string): string {
    if (principal.kind === 'device') return principal.id
    return clientId === '' ? `${principal.name}?${++this.lastUnnamed}` : `${principal.name}/${clientId}`
  }
}
