/** Jobs and campaigns as pieces of business: a budget goes into an escrow, is paid out of it, and what is left goes back. */
import { splitLargestRemainder, type TransferEntry } from '../../protocol/index.ts'
import { type Account, balanceMicro } from './accounts.ts'
import type { Scene } from './scene.ts'

/** The terms that a job and a campaign have in common. */
export interface Terms {
  readonly submitter: string
  readonly budgetMicro: bigint
  readonly feeBasisPoints: number
}

/** One piece of business, from its first entry to its last. */
export interface Business<Kind extends 'job' | 'campaign' = 'job' | 'campaign'> {
  readonly kind: Kind
  readonly id: string
  readonly terms: Terms
  /** The budget is in the escrow. */
  filled: boolean
  /** The fee or the refund has been taken, so nothing more may be paid. */
  closing: boolean
  /** The region's part of what was paid. */
  feeMicro: bigint
  /** What devices were paid out of the escrow, less what was taken from them again for it. */
  paidMicro: bigint
  /** The fee that was taken at the end. */
  takenMicro: bigint
}

/** The money of a business of which nothing has been booked yet. */
export const newMoney = () => ({ filled: false, closing: false, feeMicro: 0n, paidMicro: 0n, takenMicro: 0n })

const BASIS_POINTS = 10_000n

/** A price, parted into what the device gets and the region's fee. */
export function partPrice(
  priceMicro: bigint,
  feeBasisPoints: number,
): readonly [deviceMicro: bigint, feeMicro: bigint] {
  const feeWeight = BigInt(feeBasisPoints)
  const [deviceMicro = 0n, feeMicro = 0n] = splitLargestRemainder(priceMicro, [BASIS_POINTS - feeWeight, feeWeight])
  return [deviceMicro, feeMicro]
}

/** Open jobs and campaigns. Those of before the log have no terms, so only their sums are checked. */
export class Businesses<Open extends Business = Business> {
  private readonly scene: Scene
  private readonly open = new Map<string, Open>()
  /** The business of the escrows that were used before: an account stays for ever, its business does not. */
  private readonly ended = new WeakSet<Account>()

  constructor(scene: Scene) {
    this.scene = scene
  }

  all(): IterableIterator<Open> {
    return this.open.values()
  }

  find(id: string): Open | undefined {
    return this.open.get(id)
  }

  /** Whether an escrow is of business that began before the log and is not over. */
  isFromBefore(escrow: Account): boolean {
    return escrow.fromBefore && !this.ended.has(escrow)
  }

  /** @returns false when there is, or was, business of this id */
  begin(business: Open): boolean {
    const escrow = this.scene.accounts.take(`escrow:${business.id}`)
    if (escrow === null) return false
    const isNew = !this.open.has(business.id) && !this.ended.has(escrow) && !escrow.fromBefore
    if (!isNew || escrow.creditsMicro + escrow.creditsPendingMicro > 0n) {
      this.scene.broken('job.twice', `the ${business.kind} ${business.id} begins again.`)
      return false
    }
    this.open.set(business.id, business)
    return true
  }

  /** The last entry of a business: nothing is left in its escrow. @returns the business */
  end(kind: Open['kind'], id: string): Open | undefined {
    const { scene } = this
    const business = this.open.get(id)
    const escrow = scene.accounts.find(`escrow:${id}`)
    const isKnown = business?.kind === kind || (escrow !== undefined && this.isFromBefore(escrow))
    if (!isKnown) {
      scene.broken('job.unknown', `the ${kind} ${id} ends, and it is not open.`)
      return undefined
    }
    if (business !== undefined && !business.filled && business.terms.budgetMicro > 0n) {
      scene.broken('job.escrow', `the ${kind} ${id} ends, and its budget was never set aside.`)
    }
    if (escrow !== undefined) {
      const leftMicro = balanceMicro(escrow) + escrow.creditsPendingMicro
      if (leftMicro !== 0n) scene.broken('job.refund', `the ${kind} ${id} ends with ${leftMicro} left in its escrow.`)
      this.ended.add(escrow)
    }
    this.open.delete(id)
    return business
  }

  /** The budget is set aside. */
  escrow({ amountMicro, purpose }: TransferEntry, debit: Account, credit: Account): void {
    const business = this.open.get(credit.subject)
    if (business === undefined) {
      this.scene.broken('job.unknown', `a budget goes into ${credit.id}, of which no open job or campaign is known.`)
      return
    }
    this.checkPurpose(purpose, `escrow/${business.id}`)
    const { submitter, budgetMicro } = business.terms
    if (debit.subject !== submitter || amountMicro !== budgetMicro || business.filled) {
      const expected = `${budgetMicro} of submitter:${submitter}, once`
      const again = business.filled ? ' again' : ''
      this.scene.broken(
        'job.escrow',
        `the budget of ${business.id} is ${expected}, not ${amountMicro} of ${debit.id}${again}.`,
      )
    }
    business.filled = true
  }

  fee({ amountMicro, purpose }: TransferEntry, debit: Account): void {
    this.checkPurpose(purpose, `fee/${debit.subject}`)
    const business = this.expect(debit, 'a fee is taken from')
    if (business === undefined) return
    if (amountMicro > business.feeMicro) {
      this.scene.broken('job.fee', `the fee of ${business.id} is at most ${business.feeMicro}, not ${amountMicro}.`)
    }
    business.takenMicro += amountMicro
    business.closing = true
  }

  /** A payment out of an escrow, or with a negative amount something that goes back into it. */
  paid(escrow: Account, amountMicro: bigint): void {
    const business = this.open.get(escrow.subject)
    if (business !== undefined) business.paidMicro += amountMicro
  }

  refund({ amountMicro, purpose }: TransferEntry, debit: Account, credit: Account): void {
    this.checkPurpose(purpose, `refund/${debit.subject}`)
    const business = this.expect(debit, 'a refund is made of')
    if (business === undefined) return
    const leftMicro = balanceMicro(debit)
    const { submitter } = business.terms
    if (amountMicro !== leftMicro || credit.subject !== submitter) {
      const expected = `${leftMicro} to submitter:${submitter}`
      this.scene.broken(
        'job.refund',
        `the refund of ${business.id} is ${expected}, not ${amountMicro} to ${credit.id}.`,
      )
    }
    business.closing = true
  }

  /** The open business of an escrow; a broken rule when there is none, unless it is from before the log. */
  expect(escrow: Account, what: string): Open | undefined {
    const business = this.open.get(escrow.subject)
    if (business === undefined && !this.isFromBefore(escrow)) {
      this.scene.broken('job.unknown', `${what} ${escrow.id}, of which no open job or campaign is known.`)
    }
    return business
  }

  /** {@link expect}, for a payment: none comes after the fee or the refund. */
  expectPaying(escrow: Account): Open | undefined {
    const business = this.expect(escrow, 'a payment is made of')
    if (business?.closing) this.scene.broken('job.unknown', `${business.id} pays after its fee or its refund.`)
    return business
  }

  private checkPurpose(purpose: string, expected: string): void {
    if (purpose !== expected)
      this.scene.broken('transfer.purpose', `its purpose is '${purpose}' instead of '${expected}'.`)
  }
}
