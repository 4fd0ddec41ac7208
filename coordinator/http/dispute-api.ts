/** The part of the administration that is about disputes. */
import type { DisputeStage } from '../disputes/disputes.ts'
import type { DisputeState } from '../store/index.ts'
import type { Explanation } from './admin-api.ts'

/** Somebody's claim that a result or a verdict was decided wrongly, and what became of it. */
export interface Dispute {
  id: string
  state: DisputeState
  /** Null when it is over. */
  stage: DisputeStage | null
  /** Whoever paid for the disputed job or campaign. */
  submitter: string
  /** The account that the deposit is of: `submitter:<name>` or `available:<device>`; `slashed` where the region looks again by itself, without one. */
  account: string
  depositMicro: string
  /** What whoever disputes says. */
  reason: string
  /** How it ended, in words; empty while it is open. */
  detail: string
  /** Of a lease; null for a verdict. */
  lease: number | null
  job: string | null
  /** Of a verdict; null for a lease. */
  campaign: string | null
  windowMs: number | null
  sensor: string | null
  openedAtMs: number
  endedAtMs: number | null
}

/** What is disputed: a lease by its number, whoever was paid for a unit of a job, or the verdict on a sensor's readings in a window. */
export type DisputedSubject =
  | { lease: number }
  | { job: string; unit: number }
  | { campaign: string; window: number; sensor: string }

/** Each method names its route, as in {@link AdminApi}. */
export interface DisputeAdminApi {
  /**
   * `POST /api/disputes` with `{reason}` and either `{lease}`, `{job, unit}` or `{campaign, window, sensor}`, where `window` is any time in
   * it. An operator acts for whoever paid for the job or campaign. 201
   * @param submitter - null for the operator
   */
  disputeOpen(submitter: string | null, subject: DisputedSubject, reason: string): Promise<Dispute>
  /** `GET /api/disputes`; newest first; an operator may give `?submitter=`. */
  disputeList(filter: { submitter?: string }): Promise<Dispute[]>
  /** `GET /api/disputes/:id` */
  dispute(id: string): Promise<Dispute>
  /** `GET /api/disputes/:id/explain` */
  disputeExplain(id: string): Promise<Explanation>
}
