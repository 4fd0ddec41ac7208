/** What a device shows to whoever runs it. */
import type { DeviceId, HedgerowError, JobId, Standing } from '../protocol/index.ts'

export type DeviceState = 'stopped' | 'connecting' | 'joining' | 'joined' | 'waiting' | 'failed'

export type DeviceEvents = {
  state: { readonly state: DeviceState; readonly reason: string }
  /** A lease is finished. */
  work: {
    readonly leaseId: number
    readonly job: JobId
    readonly firstUnit: number
    readonly units: number
    readonly outcome: 'done' | 'none'
    readonly elapsedMs: number
    readonly detail: string
  }
  standing: { readonly standing: Standing; readonly reason: string }
  /** What the region's clock showed a moment ago, by its signature. */
  time: { readonly regionMs: number }
  /** Work pauses, for another reason, or goes on: then the reason is empty. */
  pause: { readonly reason: string }
}

/** What is told to the process that started the device. */
export interface DeviceReport {
  readonly joined: boolean
  /** Whether a lease runs. */
  readonly busy: boolean
  readonly region: string
  /** Where the region keeps blobs; empty before it has said so. */
  readonly blobUrl: string
}

export interface Device {
  readonly id: DeviceId
  readonly state: DeviceState
  start(): void
  /** Drops running work, keeps unacknowledged results for the next start, and closes everything. */
  stop(): Promise<void>
  /** Why it works or waits, in a sentence or two. */
  explain(): string
  /** What a launcher wants to know: who this is, where it belongs, and whether it may be ended now. */
  report(): DeviceReport
  /** Begins no more work, since another version waits; or goes on after all. */
  finishUp(updateWaits: boolean): void
  /** @returns a function that stops listening */
  on<Name extends keyof DeviceEvents>(name: Name, listener: (event: DeviceEvents[Name]) => void): () => void
  /** Settled when the device has stopped: null when it was told to, otherwise why going on makes no sense. */
  readonly ended: Promise<HedgerowError<{ code: string }> | null>
}
