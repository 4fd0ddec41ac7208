/** Jobs and campaigns as pieces of business: a budget goes into an escrow, is paid out of it, and what is left goes back. */
import type { TransferEntry } from '../../protocol/index.ts'
import { type Account, balanceMicro } from './accounts.ts'
import { type Remainders, wholeOfNano } from './remainders.ts'
import type { Scene } from './scene.ts'

/** Who hands in the region's own jobs: they are paid from its fees. */
export const REGION_SUBMITTER = '-region'

/** Where a submitter's budgets come from, and what is left of them goes back to. */
const payerOf = (submitter: string): string => (submitter === REGION_SUBMITTER ? 'fee' : `submitter:${submitter}`)

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
  /** The region's part of what was paid: its fee, and what of devices' shares is carried. */
  feeMicro: bigint
  /** What rounding up the price of each answer has added: in whole micro-credits it goes back to the submitter. */
  roundedNano: bigint
  /** What devices were paid out of the escrow, less what was taken from them again for it. */
  paidMicro: bigint
  /** What was taken of the region's part at the end, for the region or for `dust`. */
  takenMicro: bigint
  /** Of that, the region's. */
  feeTakenMicro: bigint
}

/** The money of a business of which nothing has been booked yet. */
export const newMoney = () => ({
  filled: false,
  closing: false,
  feeMicro: 0n,
  roundedNano: 0n,
  paidMicro: 0n,
  takenMicro: 0n,
  feeTakenMicro: 0n,
})

/** Open jobs and campaigns. Those of before the log have no terms, so only their sums are checked. */
export class Businesses<Open extends Business = Business> {
  private readonly scene: Scene
  private readonly remainders: Remainders
  private readonly open = new Map<string, Open>()
  /** The business of the escrows that were used before: an account stays for ever, its business does not. */
  private readonly ended = new WeakSet<Account>()

  constructor(scene: Scene, remainders: Remainders) {
    this.scene = scene
    this.remainders = remainders
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
    if (business !== undefined && scene.policy?.keepsRemainders === true) this.checkTaken(business)
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
    const payer = payerOf(submitter)
    if (debit.id !== payer || amountMicro !== budgetMicro || business.filled) {
      const expected = `${budgetMicro} of ${payer}, once`
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
    business.feeTakenMicro += amountMicro
    this.take(business, amountMicro)
  }

  /** Remainders are put by at the end of a business, or given to the region when there are fewer of them. */
  dust({ amountMicro, purpose }: TransferEntry, debit: Account, credit: Account): void {
    const { scene } = this
    if ((debit.form === 'dust') !== (credit.form === 'fee')) {
      scene.broken('transfer.route', `no dust goes from ${debit.id} to ${credit.id}.`)
    }
    const shortMicro = this.remainders.shortMicro()
    const limitMicro = debit.form === 'dust' ? -shortMicro : shortMicro
    if (scene.policy?.keepsRemainders !== true || amountMicro > limitMicro) {
      const expected = limitMicro > 0n && scene.policy?.keepsRemainders ? `at most ${limitMicro}` : 'nothing'
      scene.broken('dust.amount', `${amountMicro} of ${debit.id} is moved as dust, and ${expected} was expected.`)
    }
    const id = /^dust\/([a-z2-7]{16})$/.exec(purpose)?.[1]
    const escrow = id === undefined ? undefined : scene.accounts.find(`escrow:${id}`)
    if (escrow === undefined || (debit.form === 'escrow' && debit !== escrow)) {
      scene.broken('transfer.purpose', `its purpose '${purpose}' does not name the business of ${debit.id}.`)
      return
    }
    const business = this.expect(escrow, 'remainders are put by at the end of')
    if (business === undefined) return
    if (debit === escrow) this.take(business, amountMicro)
    business.closing = true
  }

  /** Something of the region's part leaves an escrow at the end. */
  private take(business: Open, amountMicro: bigint): void {
    business.takenMicro += amountMicro
    business.closing = true
    const partMicro = regionPart(business)
    if (business.takenMicro <= partMicro) return
    const found = `${business.takenMicro} is taken of it`
    this.scene.broken('job.fee', `the region's part of ${business.id} is ${partMicro}, and ${found}.`)
  }

  /** All of the region's part has been taken, and `dust` holds the remainders as far as that part reached. */
  private checkTaken(business: Open): void {
    const { id, takenMicro, feeTakenMicro } = business
    const partMicro = regionPart(business)
    if (takenMicro < partMicro) {
      this.scene.broken('job.fee', `the region's part of ${id} is ${partMicro}, and ${takenMicro} was taken of it.`)
    }
    const shortMicro = this.remainders.shortMicro()
    if (shortMicro === 0n || (shortMicro > 0n && feeTakenMicro === 0n)) return
    const found = shortMicro > 0n ? `lacks ${shortMicro}` : `holds ${-shortMicro} too much`
    this.scene.broken('dust.amount', `${id} ends, and 'dust' ${found} for the remainders of devices.`)
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
    const payer = payerOf(business.terms.submitter)
    if (amountMicro !== leftMicro || credit.id !== payer) {
      const expected = `${leftMicro} to ${payer}`
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

/** What the region may take of a business at its end: what devices were not paid of the exact price. */
function regionPart({ feeMicro, roundedNano }: Business): bigint {
  const backMicro = wholeOfNano(roundedNano)
  return feeMicro < backMicro ? 0n : feeMicro - backMicro
}
