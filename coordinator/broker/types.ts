/** What the broker needs, what it tells the coordinator, and what it can be asked. */
import type {
  Clock,
  DeviceId,
  DownlinkClass,
  RegionName,
  SubmitterName,
  Topic,
  UplinkClass,
} from '../../protocol/index.ts'
import type { TlsFront } from '../tls/index.ts'

/** What a submitter's topic can be. */
export type SubmitterTopic = Exclude<Topic, { readonly kind: 'device' | 'out' | 'home-assistant' }>

/** What the broker asks and tells the coordinator. None of them may block; an exception from one is a bug and is not caught. */
export interface BrokerHooks {
  /**
   * A CONNECT under a device's name. `frame` is its password, `address` where it comes from, as `addressKey` gives it.
   * @returns `ok`, or why it is refused, in one word; `shut_out` when it may come back later. After `ok` an older connection of the
   * device ends
   */
  authenticateDevice(request: {
    readonly deviceId: DeviceId
    readonly frame: Uint8Array
    readonly address: string
  }): string
  authenticateSubmitter(request: { readonly name: SubmitterName; readonly token: string }): boolean
  /** Every publish of a device, once and in order, not yet opened. The payload is a view that others may share. */
  onUplink(device: DeviceId, name: UplinkClass, payload: Uint8Array): void
  onSubmitter(name: SubmitterName, topic: SubmitterTopic, payload: Uint8Array): void
  /** Called at once after `authenticateDevice` said `ok`, and after `onDisconnected` of the connection it replaces. */
  onConnected(device: DeviceId): void
  /** Called exactly once for every `onConnected`. */
  onDisconnected(device: DeviceId): void
}

/** Where the broker reports. Fields never hold what a peer sent, only names that have been checked. */
export interface BrokerLog {
  info(event: string, fields: Readonly<Record<string, string | number>>): void
  warn(event: string, fields: Readonly<Record<string, string | number>>): void
}

export interface BrokerComponents {
  readonly clock: Clock
  readonly log: BrokerLog
  /** Counts one refusal. Reasons begin with `connection:`, `packet:`, `connect:`, `publish:`, `subscribe:` or `downlink:`, or are `slow_reader`; `throttled` counts pauses of clients that send too fast. */
  count(reason: string): void
}

export interface BrokerInit {
  readonly region: RegionName
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** When the port is taken: true lets the system choose another, false fails. Default false. */
  readonly fallback?: boolean
  /** A second port, where TLS is spoken. */
  readonly tls?: {
    readonly front: TlsFront
    readonly host: string
    readonly port: number
    readonly fallback?: boolean
  }
  /** Default 16 384. An idle connection costs about 50 KiB of memory. */
  readonly maxConnections?: number
  /** From one IPv4 address or one IPv6 /64. Default 1 024, a large site behind one address. */
  readonly maxConnectionsPerAddress?: number
  /** Under one submitter's name. Default 64. */
  readonly maxConnectionsPerSubmitter?: number
}

export interface Broker {
  readonly port: number
  /** The port of TLS; null without. */
  readonly tlsPort: number | null
  /** Connections open now, authenticated or not. */
  connectionCount(): number
  /**
   * Sends to one device, at the QoS it subscribed with, if it is connected and has subscribed; otherwise counts and drops. The
   * payload must not change afterwards.
   */
  publishToDevice(device: DeviceId, name: DownlinkClass, payload: Uint8Array): void
  /** Sends at QoS 1 to whoever subscribed to the topic. The payload must not change afterwards. */
  publishToSubmitter(topic: string, payload: Uint8Array): void
  /** The same, and again to whoever subscribes later, until another takes its place; an empty payload takes it away. */
  publishRetained(topic: string, payload: Uint8Array): void
  /** Hears nothing more of a device and disconnects it, once what was sent before has left. `onDisconnected` follows later. */
  kick(device: DeviceId, reason: string): void
  /** Disconnects everybody and frees the port. Resolves when no handle is left. */
  close(): Promise<void>
}
