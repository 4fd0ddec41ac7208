/** The door to a region's broker, as the device needs it. One implementation speaks MQTT; simulations bring their own. */
import type { DeviceId, DownlinkClass, RegionName, UplinkClass } from '../../protocol/index.ts'

/** Where to connect, and as whom. */
export interface LinkTarget {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly address: string
  readonly region: RegionName
  readonly device: DeviceId
  /** The signed CONNECT frame. It can be used once. */
  readonly password: Uint8Array
}

/** What a connection tells. Nothing is called after `closed`, nor after {@link Connection.close}. */
export interface LinkHandlers {
  downlink(name: DownlinkClass, frame: Uint8Array): void
  closed(): void
}

/** One live connection, subscribed to the device's downlink. */
export interface Connection {
  /**
   * Hands a frame to the connection. That the broker has it nobody says: whatever matters is answered by the region.
   * @throws {TransportError} `closed` when there is no connection any more
   */
  publish(name: UplinkClass, frame: Uint8Array): Promise<void>
  /** Says goodbye and closes. */
  close(): void
}

export interface Link {
  /**
   * Opens a connection and subscribes.
   * @throws {TransportError} `unreachable`, `untrusted`, `refused`, `closed` or `timeout`
   */
  connect(target: LinkTarget, handlers: LinkHandlers): Promise<Connection>
}
