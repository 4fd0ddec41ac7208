/**
 * What a department's step leaves behind: rows to write and effects to release. The shell commits the writes of many steps
 * in one transaction and releases the effects only after it, so nothing leaves that a crash could take back.
 */
import type {
  CampaignId,
  DeviceId,
  JobId,
  LogEntry,
  Profile,
  ReadingFrame,
  SensorId,
  Standing,
  SubmitterName,
} from '../protocol/index.ts'
import type { WindowRow, Write } from './store/rows.ts'

/** A lease on its way to a device. The shell looks up the task and reads the run's input when it builds the frame. */
export interface GrantEffect {
  kind: 'grant'
  device: DeviceId
  job: JobId
  leaseId: number
  firstUnit: number
  unitCount: number
  leaseMs: number
}

export type Effect =
  | GrantEffect
  | { kind: 'ack'; device: DeviceId; seq: number }
  | { kind: 'cancel'; device: DeviceId; leaseId: number }
  | { kind: 'notice'; device: DeviceId; standing: Standing; text: string }
  | { kind: 'welcome'; device: DeviceId; standing: Standing; reason: string }
  | { kind: 'kick'; device: DeviceId; reason: string }
  | { kind: 'job-changed'; submitter: SubmitterName; job: JobId; what: 'status' | 'progress' | 'result' }
  /** A run of a job was accepted. */
  | { kind: 'accepted'; job: JobId; units: number }
  /** Accepted runs of a job are accepted no more. */
  | { kind: 'taken-back'; job: JobId }
  | { kind: 'aggregate'; job: JobId }
  /** A device was caught, and results that were given already may rest on it. */
  | { kind: 'distrusted'; device: DeviceId }
  /** More leases can be handed out than one step does. */
  | { kind: 'schedule' }
  | { kind: 'plan'; device: DeviceId }
  /** The evidence of a window is to be gathered and judged, from frames up to `frameMax`. */
  | { kind: 'judge'; campaign: CampaignId; windowMs: number; frameMax: number }
  | { kind: 'window'; campaign: CampaignId; rows: readonly WindowRow[] }
  | { kind: 'campaign-changed'; submitter: SubmitterName; campaign: CampaignId; what: 'status' | 'result' }
  /** A device has come with its sensors, or has gone. */
  | { kind: 'sensors-changed'; device: DeviceId }
  /** A frame of readings is stored. */
  | { kind: 'observed'; device: DeviceId; frame: ReadingFrame; profile: Profile }
  /** Units of a job that is over are to be run again for a dispute: what the department needs for that is read from the store. */
  | { kind: 'retry'; dispute: string; job: JobId; lease: number }
  /** A verdict is to be computed again for a dispute. */
  | { kind: 'rejudge'; dispute: string; campaign: CampaignId; windowMs: number; sensor: SensorId }
  /** A cheque with the proof that it is in the log. */
  | { kind: 'receipt'; device: DeviceId; entry: Uint8Array; proof: Uint8Array }

/** Collects the writes, log entries and effects of the steps between two commits. */
export class Batch {
  writes: Write[] = []
  entries: LogEntry[] = []
  effects: Effect[] = []

  write(write: Write): void {
    this.writes.push(write)
  }

  /** Says something in the public log, in this order. */
  record(entry: LogEntry): void {
    this.entries.push(entry)
  }

  emit(effect: Effect): void {
    this.effects.push(effect)
  }
}
