/** The part of the administration that is about who gets work, and why. */
import type { LeaseState } from '../store/index.ts'
import type { Device, Region } from './admin-api.ts'

/** A lease and why its device got it. */
export interface PlacedLease {
  id: number
  device: string
  owner: string
  firstUnit: number
  units: number
  state: LeaseState
  speculative: boolean
  issuedAtMs: number
  /** A sentence; empty for a lease of before reasons were kept. */
  why: string
}

/** A device that got nothing of a job when it was last looked at. */
export interface Exclusion {
  device: string
  owner: string
  /** The end of a sentence about the device. */
  reason: string
  atMs: number
}

/** One kind of reason for which devices were passed over, with how often each of them was together. */
export interface PassTally {
  /** One word, such as `price`, `in_hand` or `has_spoken`. */
  kind: string
  /** The end of a sentence about the device, as it was the last time. */
  reason: string
  times: number
  firstAtMs: number
  lastAtMs: number
  /** For a second look at the job, after it was over. */
  secondLook: boolean
}

/** Newest first: leases up to 200, devices that were passed over up to 256. The most frequent first: all reasons, whichever the devices. */
export interface Placements {
  job: string
  leases: PlacedLease[]
  exclusions: Exclusion[]
  passes: PassTally[]
}

/** Each method names its route, as in {@link AdminApi}. */
export interface SchedulingAdminApi {
  /** `GET /api/jobs/:id/placements` */
  jobPlacements(id: string): Promise<Placements>
  /**
   * `POST /api/devices/:id/drain` with `{reason}`: it finishes what it holds and gets no more.
   * @param owner - who asks, when it is not the operator
   */
  deviceDrain(id: string, reason: string, owner?: string): Promise<Device>
  /** `POST /api/devices/:id/undrain`; an owner ends only what an owner began. */
  deviceUndrain(id: string, owner?: string): Promise<Device>
  /** `POST /api/maintenance` with `{reason}`: nothing is handed out until it ends; jobs are taken and wait. */
  maintenanceBegin(reason: string): Promise<Region>
  /** `POST /api/maintenance/end` */
  maintenanceEnd(): Promise<Region>
}
