/** What every transfer must keep whatever it is for, and then what its kind asks. */
import {
  type Hash,
  MICRO_MAX,
  type TransferEntry,
  type TransferKind,
  type TransferPhase,
  utf8,
} from '../../protocol/index.ts'
import { type Account, availableMicro } from './accounts.ts'
import type { Businesses } from './businesses.ts'
import type { CampaignRules } from './campaigns.ts'
import type { DeviceRules } from './devices.ts'
import type { DisputeRules } from './disputes.ts'
import type { Holdback } from './holdback.ts'
import type { Holds } from './holds.ts'
import type { JobRules } from './jobs.ts'
import type { PayoutRules } from './payouts.ts'
import { PurposeSet } from './purposes.ts'
import { isRoute } from './routes.ts'
import type { Scene } from './scene.ts'

/** The rules that transfers of some kind are handed to. */
export interface KindRules {
  readonly businesses: Businesses
  readonly jobs: JobRules
  readonly campaigns: CampaignRules
  readonly holdback: Holdback
  readonly devices: DeviceRules
  readonly disputes: DisputeRules
  readonly payouts: PayoutRules
}

const AT_ONCE: readonly TransferPhase[] = ['single']
const IN_TWO_STEPS: readonly TransferPhase[] = ['pending', 'post', 'void', 'expire']

/** Which money is set aside first: deposits, and payouts that somebody has to confirm. */
const PHASES: Record<TransferKind, readonly TransferPhase[]> = {
  fund: AT_ONCE,
  escrow: AT_ONCE,
  pay: AT_ONCE,
  fee: AT_ONCE,
  refund: AT_ONCE,
  release: AT_ONCE,
  slash: AT_ONCE,
  deposit: IN_TWO_STEPS,
  award: AT_ONCE,
  payout: [...AT_ONCE, ...IN_TWO_STEPS],
  dust: AT_ONCE,
}

/** Where a transfer comes from and where it goes. */
interface Ends {
  readonly debit: Account
  readonly credit: Account
}

/** The rules of transfers. */
export class TransferRules {
  private readonly scene: Scene
  private readonly holds: Holds
  private readonly rules: KindRules
  private readonly hash: Hash
  private readonly purposes: PurposeSet
  private lastAtMs = Number.NEGATIVE_INFINITY
  count = 0
  /** Payments to devices. */
  payments = 0

  /** @param expected - about how many transfers there will be */
  constructor(scene: Scene, holds: Holds, rules: KindRules, hash: Hash, expected: number) {
    this.scene = scene
    this.holds = holds
    this.rules = rules
    this.hash = hash
    this.purposes = new PurposeSet(expected)
  }

  /** Remembers a purpose that was paid for before the log began. */
  addEarlier(purpose: string): boolean {
    return this.purposes.add(this.hash(utf8(purpose)))
  }

  book(entry: TransferEntry): void {
    const { scene } = this
    this.count++
    if (entry.atMs < this.lastAtMs) {
      scene.broken('time.order', `the transfer is of ${entry.atMs}, and an earlier one is of ${this.lastAtMs}.`)
    }
    this.lastAtMs = Math.max(this.lastAtMs, entry.atMs)
    if (!this.purposes.add(this.hash(utf8(entry.purpose)))) {
      scene.broken('transfer.twice', `'${entry.purpose}' has been paid for before.`)
    }
    if (entry.amountMicro <= 0n || entry.amountMicro > MICRO_MAX) {
      scene.broken('transfer.amount', `'${entry.purpose}' moves ${entry.amountMicro} micro-credits.`)
    }
    const ends = this.endsOf(entry)
    if (ends === null) return
    ends.debit.isBooked = true
    ends.credit.isBooked = true
    this.checkPhase(entry)
    this.move(entry, ends)
    this.checkOverdraft(entry, ends.debit)
  }

  private endsOf({ debit: from, credit: to }: TransferEntry): Ends | null {
    const debit = this.scene.accounts.take(from)
    const credit = this.scene.accounts.take(to)
    if (debit !== null && credit !== null && debit !== credit) return { debit, credit }
    const found = debit === credit && debit !== null ? `twice the account ${from}` : `'${from}' and '${to}'`
    this.scene.broken('transfer.account', `a transfer joins two accounts of known form, not ${found}.`)
    return null
  }

  private checkPhase({ phase, kind, pending, timeoutMs, basis, purpose }: TransferEntry): void {
    const isSingle = phase === 'single'
    const isPending = phase === 'pending'
    if (
      (pending !== null) !== !(isSingle || isPending) ||
      (timeoutMs !== null) !== isPending ||
      !PHASES[kind].includes(phase)
    ) {
      this.scene.broken(
        'pending.phase',
        `'${purpose}' is a ${kind} of phase '${phase}', with pending ${pending} and timeout ${timeoutMs}.`,
      )
    }
    if ((basis !== null) !== (kind === 'pay')) {
      const found = basis === null ? 'names no accepted work' : 'names accepted work'
      this.scene.broken('transfer.basis', `'${purpose}' is a ${kind} and ${found}.`)
    }
  }

  private move(entry: TransferEntry, ends: Ends): void {
    const { debit, credit } = ends
    const { phase, kind, amountMicro } = entry
    if (phase === 'single' || phase === 'pending') {
      if (!isRoute(kind, debit, credit)) {
        this.scene.broken('transfer.route', `no ${kind} goes from ${debit.id} to ${credit.id}.`)
      } else this.checkKind(entry, ends)
      if (phase === 'pending') {
        this.holds.add(entry)
        debit.debitsPendingMicro += amountMicro
        credit.creditsPendingMicro += amountMicro
        return
      }
    } else {
      if (!this.holds.resolve(entry)) return
      debit.debitsPendingMicro -= amountMicro
      credit.creditsPendingMicro -= amountMicro
      if (phase !== 'post') return
    }
    if (debit.form === 'holdback' && kind !== 'release') this.rules.holdback.debit(debit, amountMicro)
    debit.debitsMicro += amountMicro
    credit.creditsMicro += amountMicro
    if (credit.form === 'holdback') this.rules.holdback.credit(credit, amountMicro, entry.atMs)
  }

  /** What the kind asks of a transfer that goes the right way. The accounts are as they were before it. */
  private checkKind(entry: TransferEntry, { debit, credit }: Ends): void {
    const { rules } = this
    switch (entry.kind) {
      case 'fund':
        if (!entry.purpose.startsWith(`fund/${credit.subject}/`)) {
          this.scene.broken('transfer.purpose', `its purpose '${entry.purpose}' is not 'fund/${credit.subject}/…'.`)
        }
        break
      case 'escrow':
        rules.businesses.escrow(entry, debit, credit)
        break
      case 'pay':
        this.checkPay(entry, debit, credit)
        break
      case 'fee':
        rules.businesses.fee(entry, debit)
        break
      case 'refund':
        rules.businesses.refund(entry, debit, credit)
        break
      case 'release':
        rules.holdback.release(debit, credit, entry.amountMicro, entry.purpose, entry.atMs)
        break
      case 'slash':
        this.checkSlash(entry, debit, credit)
        break
      case 'deposit':
        rules.disputes.deposit(entry, credit)
        break
      case 'award':
        rules.disputes.award(entry, debit, credit)
        break
      case 'payout':
        rules.payouts.pay(entry, debit, credit)
        break
      case 'dust':
        rules.businesses.dust(entry, debit, credit)
    }
  }

  private checkPay(entry: TransferEntry, debit: Account, credit: Account): void {
    const { jobs, campaigns, devices, disputes } = this.rules
    this.payments++
    this.rules.businesses.paid(debit, entry.amountMicro)
    devices.checkPaid(credit.subject, disputes.isOpen(debit.subject))
    if (entry.purpose.startsWith('sense/')) campaigns.pay(entry, debit, credit)
    else jobs.pay(entry, debit, credit, (escrow, job) => disputes.sheetOf(escrow, jobs.termsOf(job)))
  }

  private checkSlash({ purpose, amountMicro }: TransferEntry, debit: Account, credit: Account): void {
    const device = debit.subject
    const known = this.rules.devices.expect(device, 'a slash takes from')
    if (known !== undefined && known.standing !== 'caught')
      this.scene.broken('slash.standing', `the holdback of ${device} is taken, and it has not been caught.`)
    const end = credit.form === 'escrow' ? `/${credit.subject}` : ''
    if (!purpose.startsWith(`slash/${device}/`) || !purpose.endsWith(end)) {
      this.scene.broken('slash.device', `its purpose '${purpose}' is not 'slash/${device}/…${end}'.`)
    }
    if (credit.form !== 'escrow') return
    this.rules.businesses.paid(credit, -amountMicro)
    this.rules.jobs.slash(amountMicro, device, credit)
  }

  private checkOverdraft({ purpose }: TransferEntry, debit: Account): void {
    const leftMicro = availableMicro(debit)
    if (debit.form === 'treasury' || leftMicro >= 0n) return
    this.scene.broken('transfer.overdraft', `'${purpose}' overdraws ${debit.id} by ${-leftMicro}.`)
  }
}
