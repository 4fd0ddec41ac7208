/** Disputes for the operator and, about their own jobs and campaigns, for submitters. */
import { campaignId, jobId, type SubmitterName, sensorId, submitterName } from '../../protocol/index.ts'
import type { Party } from '../disputes/dispute.ts'
import type { DisputeOutcome, Disputes } from '../disputes/disputes.ts'
import type { DisputeIntake } from '../disputes/intake.ts'
import type { Refusal } from '../disputes/refusal.ts'
import { ApiError, type ApiFailure } from '../http/admin-api.ts'
import type { Dispute, DisputeAdminApi, DisputedSubject } from '../http/dispute-api.ts'
import type { Region } from '../region.ts'
import type { DisputeRow, Store } from '../store/rows.ts'
import { explainDispute } from './explain-dispute.ts'

export interface DisputeAdminComponents {
  region: Pick<Region, 'committed'>
  disputes: Disputes
  disputeIntake: DisputeIntake
  store: Pick<
    Store,
    | 'dispute'
    | 'disputes'
    | 'job'
    | 'campaign'
    | 'lease'
    | 'leasesOver'
    | 'acceptedRunsOver'
    | 'transferFor'
    | 'transfersFor'
  >
}

const DISPUTES_LISTED_MAX = 1_000

const FAILURES: Readonly<Record<Refusal['code'], ApiFailure['code']>> = {
  not_found: 'not_found',
  not_yours: 'not_allowed',
  not_disputable: 'conflict',
  too_late: 'conflict',
  twice: 'conflict',
  too_many: 'too_busy',
  insufficient: 'conflict',
}

/** The failure that a refused dispute is answered with. */
export function disputeRefused({ code, reason }: Refusal): ApiError {
  return new ApiError(FAILURES[code], reason)
}

export function createDisputeAdmin(components: DisputeAdminComponents): DisputeAdminApi {
  const { region, disputes, disputeIntake, store } = components

  const submitterOf = ({ job, campaign }: Pick<DisputeRow, 'job' | 'campaign'>): SubmitterName | null => {
    const business = job !== null ? store.job(job) : campaign !== null ? store.campaign(campaign) : null
    return business?.submitter ?? null
  }

  const rowOf = (id: string): DisputeRow => {
    const row = disputes.active(id) ?? store.dispute(id)
    if (row) return row
    const hint = '`hedgerow dispute list` shows them.'
    throw new ApiError('not_found', `There is no dispute ${id.slice(0, 64)} in this region. ${hint}`)
  }

  const view = (row: DisputeRow): Dispute => ({
    ...row,
    stage: disputes.stageOf(row.id),
    submitter: submitterOf(row) ?? '',
    depositMicro: `${row.depositMicro}`,
  })

  const partyOf = (submitter: string | null, owner: SubmitterName | null | undefined): Party => {
    if (submitter !== null) return { kind: 'submitter', name: submitterName(submitter) }
    if (owner) return { kind: 'submitter', name: owner }
    throw new ApiError('not_found', 'There is no such job, lease or campaign in this region.')
  }

  const open = (submitter: string | null, subject: DisputedSubject, reason: string): DisputeOutcome => {
    if ('campaign' in subject) {
      const campaign = campaignId(subject.campaign)
      const party = partyOf(submitter, store.campaign(campaign)?.submitter)
      return disputeIntake.verdict(party, campaign, subject.window, sensorId(subject.sensor), reason)
    }
    const lease = 'lease' in subject ? subject.lease : paidLease(store, subject)
    const job = store.lease(lease)?.job ?? null
    return disputeIntake.lease(partyOf(submitter, submitterOf({ job, campaign: null })), lease, reason)
  }

  return {
    disputeOpen: async (submitter, subject, reason) => {
      // What is disputed is read from the store, so what was decided a moment ago has to be there.
      await region.committed()
      const outcome = open(submitter, subject, reason)
      if (!outcome.ok) throw disputeRefused(outcome)
      await region.committed()
      return view(rowOf(outcome.row.id))
    },
    disputeList: async ({ submitter }) => {
      const rows = store.disputes({ limit: DISPUTES_LISTED_MAX }).map(view)
      return submitter === undefined ? rows : rows.filter(row => row.submitter === submitter)
    },
    dispute: async id => view(rowOf(id)),
    disputeExplain: async id => {
      const row = rowOf(id)
      return explainDispute(view(row), store)
    },
  }
}

/** A lease that was paid for the run that holds a unit: what it returned was accepted. */
function paidLease(store: DisputeAdminComponents['store'], { job, unit }: { job: string; unit: number }): number {
  const id = jobId(job)
  const [run] = store.acceptedRunsOver(id, unit, 1)
  const paid = run === undefined ? [] : store.leasesOver(id, unit, 1).filter(lease => isPaid(lease.id, run))
  const first = paid.at(-1)
  if (first) return first.id
  throw new ApiError('not_found', `No device was paid for unit ${unit} of job ${id}.`)

  function isPaid(lease: number, { firstUnit, unitCount }: { firstUnit: number; unitCount: number }): boolean {
    return store.transferFor(`pay/${id}/${lease}/${firstUnit}+${unitCount}`) !== null
  }
}
