/** What the end of a dispute about a verdict sets right. The region computed the verdict, so the region pays for its mistake. */
import { isAccepted, parseStoredCampaign } from '../../protocol/index.ts'
import { costOfReadings, releaseHoldbacks, shareOf } from '../ledger/holdback.ts'
import { FEE, submitterAccount } from '../ledger/ledger.ts'
import { readFlags } from '../sensing/flags.ts'
import type { SeriesVerdict, WindowVerdict } from '../sensing/judge-window.ts'
import {
  countText,
  credits,
  type DisputeDesk,
  depositPurpose,
  disputeEscrow,
  type Ending,
  forfeitMicro,
  type OpenDispute,
} from './dispute.ts'
import { gather, move, type Till } from './money.ts'
import type { VerdictFile } from './verdict-file.ts'

/** A window, computed again from the frames that the judgement was made of. */
export interface Rehearing {
  readonly file: VerdictFile
  readonly verdict: WindowVerdict
}

/**
 * Compares the recomputed verdict with the one that is kept, and moves what the difference makes due.
 * @see spec/clauses.md [DISP-4.1] [DISP-4.2]
 */
export function settleVerdict(till: Till, { row }: OpenDispute, { file, verdict }: Rehearing): Ending {
  const { desk, now, batch } = till
  const { judgement } = file
  const series = verdict.series.find(({ member }) => member.sensor === judgement.sensor)
  releaseHoldbacks(desk, now.wallMs, batch)
  if (series !== undefined && isSame(series, file)) {
    const lostMicro = forfeitMicro(desk, row.id)
    if (desk.ledger.post(depositPurpose(row.id), lostMicro, now.wallMs, batch) === 'resolved') {
      move(till, disputeEscrow(row.id), FEE, lostMicro, `award/${row.id}/forfeit`)
    }
    desk.ledger.void(depositPurpose(row.id), now.wallMs, batch)
    const readings = countText(judgement.readings, 'reading')
    const same = `The same frames gave the same flags again for ${readings}, ${judgement.accepted} of them accepted.`
    return { outcome: 'dismissed', detail: `${same} The deposit of ${credits(lostMicro)} is the region's.` }
  }
  desk.ledger.void(depositPurpose(row.id), now.wallMs, batch)
  const accepted = series?.accepted ?? 0
  const different = `The same frames gave other flags: ${accepted} readings are accepted instead of ${judgement.accepted}.`
  const corrected = correct(till, file, verdict)
  const due = corrected ? '' : payShort(till, row.id, file, accepted)
  return {
    outcome: 'upheld',
    detail: [different, corrected, due, refund(till, row.id, file, accepted)].filter(Boolean).join(' '),
  }
}

function isSame({ flags }: SeriesVerdict, { judgement }: VerdictFile): boolean {
  const kept = readFlags(judgement.flags)
  return (
    kept.length === flags.length &&
    kept.every((value, i) => value === flags[i]) &&
    judgement.readings === flags.length &&
    judgement.accepted === flags.filter(isAccepted).length
  )
}

/** Whether the window is being judged again, or has been since: the recomputation is then out of date. */
export function isMoving({ sensing }: DisputeDesk, { campaign, judgement }: VerdictFile): boolean {
  const window = sensing.active(campaign.id)?.windows.get(judgement.windowMs)
  return window !== undefined && (window.judging || window.revision !== judgement.revision)
}

/** While the window may still change, the right verdict is one more revision of it, which pays what is due like any other. */
function correct({ desk, now, batch }: Till, { campaign, judgement }: VerdictFile, verdict: WindowVerdict): string {
  if (!desk.sensing.active(campaign.id)?.windows.has(judgement.windowMs)) return ''
  desk.sensing.judged(campaign.id, verdict, now, batch)
  return 'The window was judged once more and what became due was paid.'
}

/** A window that is closed keeps its verdict; the region pays what the right one would have paid. */
function payShort(till: Till, dispute: string, { campaign, judgement, window }: VerdictFile, accepted: number): string {
  const { desk } = till
  const { priceMicro, paidPerCell } = parseStoredCampaign(campaign.spec)
  const shortReadings = accepted - judgement.paidReadings
  const member = desk.fleet.member(judgement.device)
  const others = window.filter(
    ({ cell, device, paidReadings }) => cell === judgement.cell && device !== judgement.device && paidReadings > 0,
  )
  const hasPlace = judgement.paidReadings > 0 || new Set(others.map(({ device }) => device)).size < paidPerCell
  const kept = 'The window is closed and keeps its verdict.'
  if (shortReadings <= 0 || !hasPlace || member?.row.standing !== 'joined') return kept
  const deviceMicro = shareOf(costOfReadings(priceMicro * BigInt(shortReadings), campaign.feeBasisPoints))
  const missingMicro = gather(till, [FEE], member, deviceMicro, `award/${dispute}/pay`)
  return `${kept} The region paid ${credits(deviceMicro - missingMicro)} for ${countText(shortReadings, 'reading')}.`
}

/** What a submitter paid for readings that should not have been accepted. The device is not to blame. */
function refund(till: Till, dispute: string, { campaign, judgement }: VerdictFile, accepted: number): string {
  const surplus = judgement.paidReadings - accepted
  if (surplus <= 0) return ''
  const { priceMicro } = parseStoredCampaign(campaign.spec)
  const wantedMicro = priceMicro * BigInt(surplus)
  const account = submitterAccount(campaign.submitter)
  const missingMicro = gather(till, [FEE], account, wantedMicro, `award/${dispute}/refund`)
  return `The region gave ${credits(wantedMicro - missingMicro)} back for ${countText(surplus, 'reading')}.`
}
