/**
 * What the region's own second looks are paid from: what caught devices lost, then its fees. All that one may cost is set aside in its escrow
 * before anybody is asked, and what is left goes back to where it came from.
 */
import { FEE, type Ledger, SLASHED } from '../ledger/ledger.ts'
import { disputeEscrow } from './dispute.ts'
import { gather, move, type Till } from './money.ts'

/** In the order in which they pay. */
export const REGION_FUNDS = [SLASHED, FEE] as const

const fundPurpose = (dispute: string): string => `award/${dispute}/fund`
const restPurpose = (dispute: string, account: string): string => `award/${dispute}/rest/${account}`

/** What the region could set aside for a second look now. */
export function regionFundsMicro(ledger: Ledger): bigint {
  return REGION_FUNDS.reduce((sum, account) => sum + ledger.availableMicro(account), 0n)
}

/**
 * Sets aside what a second look may cost; the accounts are known to hold it.
 * @see spec/clauses.md [DISP-5.2]
 */
export function fundSecondLook(till: Till, dispute: string, amountMicro: bigint): void {
  gather(till, REGION_FUNDS, disputeEscrow(dispute), amountMicro, fundPurpose(dispute))
}

/** Gives back what a second look of the region has not cost. */
export function returnFund(till: Till, dispute: string): void {
  const { ledger } = till.desk
  const escrow = disputeEscrow(dispute)
  for (const account of [FEE, SLASHED]) {
    const leftMicro = ledger.availableMicro(escrow)
    const fromMicro = ledger.movedMicro(`${fundPurpose(dispute)}/${account}`)
    move(till, escrow, account, leftMicro < fromMicro ? leftMicro : fromMicro, restPurpose(dispute, account))
  }
}

/** What a second look of the region has set aside or cost, without what came back. */
export function regionSpentMicro(ledger: Ledger, dispute: string): bigint {
  return REGION_FUNDS.reduce((sum, account) => {
    const outMicro = ledger.movedMicro(`${fundPurpose(dispute)}/${account}`)
    return sum + outMicro - ledger.movedMicro(restPurpose(dispute, account))
  }, 0n)
}
