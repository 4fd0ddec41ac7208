/** What a dispute is about, how it stands or how it ended, and what it moved. */
import { formatCredits } from '../../protocol/index.ts'
import type { DisputeStage } from '../disputes/disputes.ts'
import type { Explanation } from '../http/admin-api.ts'
import type { Dispute } from '../http/dispute-api.ts'
import { escrowAccount, SLASHED } from '../ledger/ledger.ts'
import type { Store } from '../store/rows.ts'

const STAGES: Readonly<Record<DisputeStage, string>> = {
  waits_for_job: 'It waits until the job is over, since nothing is looked at again before.',
  waits_for_dispute: 'Its second look is being prepared, or waits for that of another dispute about the same job.',
  second_look: 'Devices of owners that had not answered these units are running them again.',
  recomputing: 'The verdict is being computed again from the same frames.',
}

const OUTCOMES = {
  open: 'is open',
  upheld: 'was upheld: whoever disputed was right',
  dismissed: 'was dismissed: whoever disputed was wrong',
  undecided: 'could not be decided',
} as const

const OUTCOMES_OF_REGION = {
  ...OUTCOMES,
  upheld: 'was upheld: the accepted result is wrong',
  dismissed: 'was dismissed: the accepted result is right',
} as const

const TRANSFERS_SHOWN = 100

export function explainDispute(dispute: Dispute, store: Pick<Store, 'transfersFor'>): Explanation {
  const { id, state, stage, account, depositMicro, reason, detail, openedAtMs, endedAtMs } = dispute
  const because = reason === '' ? '' : `: ${reason}`
  const isOfRegion = account === SLASHED
  const reasons = [
    isOfRegion
      ? `The region looks again by itself at ${subjectOf(dispute)}${because}`
      : `${account} disputes ${subjectOf(dispute)}${because}.`,
    isOfRegion
      ? "What caught devices lost and the region's fees pay for it."
      : `${formatCredits(BigInt(depositMicro))} credits were set aside for it.`,
    ...(stage === null ? [] : [STAGES[stage]]),
    ...(detail === '' ? [] : [detail]),
    ...moves(id, store),
  ]
  const facts = { state, account, depositMicro, openedAtMs, ...(endedAtMs === null ? {} : { endedAtMs }) }
  const outcomes = isOfRegion ? OUTCOMES_OF_REGION : OUTCOMES
  return { summary: `Dispute ${id} ${outcomes[state]}.`, reasons, facts }
}

function subjectOf({ lease, job, campaign, windowMs, sensor }: Dispute): string {
  if (lease !== null) return `lease ${lease} of job ${job}`
  const window = new Date(windowMs ?? 0).toISOString()
  return `the verdict on sensor ${sensor} in the window from ${window} of campaign ${campaign}`
}

/** What went through the dispute's own account, in the order of booking. */
function moves(id: string, store: Pick<Store, 'transfersFor'>): string[] {
  const escrow = escrowAccount(id)
  return store
    .transfersFor(escrow, TRANSFERS_SHOWN)
    .filter(({ phase }) => phase === 'single' || phase === 'post')
    .reverse()
    .map(({ debit, credit, amountMicro }) => `${formatCredits(amountMicro)} credits went from ${debit} to ${credit}.`)
}
