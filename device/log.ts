/** One thing that happened, for whoever keeps the log. Values only: never keys, never a peer's bytes as text. */
export interface DeviceEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly event: string
  readonly [detail: string]: unknown
}

export type Log = (event: DeviceEvent) => void
