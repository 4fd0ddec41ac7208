/**
 * What a department's step leaves behind: rows to write and effects to release. The shell commits the writes of many steps
 * in one transaction and releases the effects only after it, so nothing leaves that a crash could take back.
 */
import type { CampaignId, DeviceId, JobId, Profile, ReadingFrame, Standing, SubmitterName } from '../protocol/index.ts'
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
  | { kind: 'aggregate'; job: JobId }
  | { kind: 'plan'; device: DeviceId }
  /** The evidence of a window is to be gathered and judged, from frames up to `frameMax`. */
  | { kind: 'judge'; campaign: CampaignId; windowMs: number; frameMax: number }
  | { kind: 'window'; campaign: CampaignId; rows: readonly WindowRow[] }
  | { kind: 'campaign-changed'; submitter: SubmitterName; campaign: CampaignId; what: 'status' | 'result' }
  /** A device has come with its sensors, or has gone. */
  | { kind: 'sensors-changed'; device: DeviceId }
  /** A frame of readings is stored. */
  | { kind: 'observed'; device: DeviceId; frame: ReadingFrame; profile: Profile }

/** Collects the writes and effects of the steps between two commits. */
export class Batch {
  writes: Write[] = []
  effects: Effect[] = []

  write(write: Write): void {
    this.writes.push(write)
  }

  emit(effect: Effect): void {
    this.effects.push(effect)
  }
}
