/** The MQTT connection as the client sees it, so that it can be exchanged in tests. */

/** Where to connect, as whom, and what to hear. */
export interface TransportInit {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  url: string
  clientId: string
  username: string
  password: string
  /** The only TLS authority to believe, PEM; those that the platform knows when left out. */
  ca?: string
  /** Topic filters to be subscribed to after every connect, with QoS 1. */
  filters: readonly string[]
}

/** What a transport tells. None of them may throw. */
export interface TransportEvents {
  message(topic: string, payload: Uint8Array): void
  /** Connected and subscribed once more; what was sent to us meanwhile is lost. */
  reconnected(): void
  /** The connection cannot be had any more. */
  failed(error: Error): void
}

/** An open connection. */
export interface Transport {
  /** Resolves when the broker has taken the message; waits while the connection is away. */
  publish(topic: string, text: string): Promise<void>
  /** Hears more topics from now on, after every later connect too. Rejects when the broker does not allow it. */
  subscribe(filters: readonly string[]): Promise<void>
  close(): Promise<void>
}

/**
 * Connects and subscribes. Later losses of the connection are repaired quietly.
 * @throws {TransportError} `unreachable` or `refused` when the first connection fails
 */
export type ConnectTransport = (init: TransportInit, events: TransportEvents) => Promise<Transport>
