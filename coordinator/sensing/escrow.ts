/** A campaign's budget, and what the public log says of its terms. */
import { createHash } from 'node:crypto'
import { type CampaignSpec, utf8 } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import { type Escrow, emptyEscrow, fillEscrow } from '../ledger/escrow.ts'
import { escrowAccount } from '../ledger/ledger.ts'
import type { CampaignRow } from '../store/rows.ts'
import type { SensingDesk } from './campaign.ts'

const escrowOf = ({ id, submitter }: CampaignRow): Escrow => ({ account: escrowAccount(id), subject: id, submitter })

/** Moves the budget into the campaign's escrow. `insufficient` when the submitter has less. */
export function openCampaignEscrow(
  desk: SensingDesk,
  row: CampaignRow,
  { priceMicro }: CampaignSpec,
  nowMs: number,
  batch: Batch,
): 'ok' | 'insufficient' {
  const terms = {
    type: 'campaign',
    atMs: Math.round(nowMs),
    campaign: row.id,
    submitter: row.submitter,
    spec: createHash('sha256').update(utf8(row.spec)).digest(),
    priceMicro,
    feeBasisPoints: row.feeBasisPoints,
    budgetMicro: row.budgetMicro,
  } as const
  return fillEscrow(desk.ledger, escrowOf(row), row.budgetMicro, terms, nowMs, batch)
}

/** Takes the fee and gives the rest of the escrow back. Once per campaign. */
export function closeCampaignEscrow(desk: SensingDesk, row: CampaignRow, nowMs: number, batch: Batch): void {
  const end = { type: 'campaign-end', atMs: Math.round(nowMs), campaign: row.id } as const
  emptyEscrow(desk.ledger, escrowOf(row), row.feeMicro, end, nowMs, batch)
}
