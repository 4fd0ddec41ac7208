/** Disputes: a deposit is set aside, a second look is taken, and its money is settled before the end is told. */
import type { DisputeEndEntry, DisputeEntry, TransferEntry } from '../../protocol/index.ts'
import { type Account, balanceMicro } from './accounts.ts'
import type { DeviceRules } from './devices.ts'
import type { Holds } from './holds.ts'
import { newSheet, type PaySheet, type WorkTerms } from './jobs.ts'
import type { PastLease, PastLeases } from './past-leases.ts'
import type { Scene } from './scene.ts'

/** A dispute as the log has it. */
export interface KnownDispute {
  readonly entry: DisputeEntry
  /** What was paid for the second look at units of a job. */
  sheet: PaySheet | null
  end: DisputeEndEntry | null
  /** What the slashed pool has put into its escrow and not got back. */
  slashedMicro: bigint
}

const DEPOSIT = /^deposit\/([a-z2-7]{16})$/
const AWARD = /^award\/([a-z2-7]{16})\/./
const LEASE = /^lease\/([1-9]\d{0,15})$/
/** The account by which the region disputes itself. */
const REGION = 'slashed'

/** The rules of disputes. */
export class DisputeRules {
  private readonly scene: Scene
  private readonly holds: Holds
  private readonly devices: DeviceRules
  private readonly past: PastLeases
  private readonly known = new Map<string, KnownDispute>()
  /** What disputes were about. */
  private readonly subjects = new Set<string>()

  constructor(scene: Scene, holds: Holds, devices: DeviceRules, past: PastLeases) {
    this.scene = scene
    this.holds = holds
    this.devices = devices
    this.past = past
  }

  get count(): number {
    return this.known.size
  }

  isOpen(id: string): boolean {
    return this.known.get(id)?.end === null
  }

  all(): IterableIterator<[string, KnownDispute]> {
    return this.known.entries()
  }

  begin(entry: DisputeEntry): void {
    const { dispute, account, depositMicro } = entry
    if (this.known.has(dispute)) this.scene.broken('job.twice', `the dispute ${dispute} begins again.`)
    const hold = this.holds.find(`deposit/${dispute}`)
    const isSetAside = hold?.leftMicro === depositMicro && hold.debit === account && hold.credit === `escrow:${dispute}`
    if (depositMicro > 0n ? !isSetAside : hold !== undefined) {
      const found = hold === undefined ? 'nothing' : `${hold.leftMicro} of ${hold.debit} for ${hold.credit}`
      this.scene.broken(
        'dispute.deposit',
        `${depositMicro} of ${account} is the deposit of dispute ${dispute}, and ${found} is set aside.`,
      )
    }
    if (account === REGION) this.checkRegion(entry)
    this.subjects.add(entry.subject)
    this.known.set(dispute, { entry, sheet: null, end: null, slashedMicro: 0n })
  }

  /** The region puts nothing down, and looks again only at what devices that are caught have answered alone. */
  private checkRegion({ dispute, subject, depositMicro, atMs }: DisputeEntry): void {
    if (depositMicro !== 0n) {
      this.scene.broken('dispute.deposit', `${depositMicro} is the deposit of ${dispute}, which the region began.`)
    }
    if (this.subjects.has(subject)) {
      this.scene.broken(
        'dispute.region',
        `the region begins dispute ${dispute} about ${subject}, which was disputed before.`,
      )
    }
    const lease = LEASE.exec(subject)?.[1]
    const past = lease === undefined ? null : this.past.find(Number(lease), atMs)
    if (past === undefined || past?.groups.some(group => group.every(device => this.isCaught(device)))) return
    const found = past === null ? 'which nobody was lately paid for' : this.standingOf(past)
    this.scene.broken('dispute.region', `the region begins dispute ${dispute} about ${subject}, ${found}.`)
  }

  private isCaught(device: string): boolean {
    return this.devices.find(device)?.standing === 'caught'
  }

  private standingOf({ device }: PastLease): string {
    if (this.isCaught(device)) return `of ${device}, which others agreed with who are not caught`
    return `of ${device}, which is ${this.devices.find(device)?.standing}`
  }

  end(entry: DisputeEndEntry): void {
    const { dispute } = entry
    const known = this.known.get(dispute)
    if (known === undefined || known.end !== null) {
      const found = known === undefined ? 'never began' : 'is over already'
      this.scene.broken('dispute.end', `the dispute ${dispute} ends, and it ${found}.`)
      return
    }
    known.end = entry
    const hold = this.holds.find(`deposit/${dispute}`)
    if (hold !== undefined) {
      this.scene.broken(
        'dispute.end',
        `the dispute ${dispute} ends, and ${hold.leftMicro} of its deposit is still set aside.`,
      )
    }
    const escrow = this.scene.accounts.find(`escrow:${dispute}`)
    const leftMicro = escrow === undefined ? 0n : balanceMicro(escrow)
    if (leftMicro !== 0n) {
      this.scene.broken('dispute.end', `the dispute ${dispute} ends, and ${leftMicro} is left of its money.`)
    }
  }

  /**
   * Where payments for a second look are kept; null when they cannot be checked.
   * @param work - the terms of the job that is looked at; undefined for one of before the log
   */
  sheetOf(escrow: Account, work: WorkTerms | undefined): PaySheet | null {
    const known = this.known.get(escrow.subject)
    if (known === undefined || known.end !== null || !known.entry.subject.startsWith('lease/')) {
      this.scene.broken(
        'dispute.unknown',
        `a second look is paid out of ${escrow.id}, and no dispute of a lease is open there.`,
      )
      return null
    }
    if (work !== undefined) known.sheet ??= newSheet(work)
    return known.sheet
  }

  /** A deposit is set aside. */
  deposit({ purpose }: TransferEntry, credit: Account): void {
    const id = DEPOSIT.exec(purpose)?.[1]
    if (id === undefined || id !== credit.subject) {
      this.scene.broken('transfer.purpose', `its purpose '${purpose}' does not name the dispute of ${credit.id}.`)
    }
  }

  /** Money goes to whom a dispute makes it due, through no escrow but its own. */
  award({ purpose, amountMicro }: TransferEntry, debit: Account, credit: Account): void {
    const id = AWARD.exec(purpose)?.[1]
    if (id === undefined) {
      this.scene.broken('transfer.purpose', `its purpose '${purpose}' names no dispute.`)
      return
    }
    if (!this.isOpen(id)) {
      this.scene.broken('dispute.unknown', `'${purpose}' is awarded, and no dispute ${id} is open.`)
    }
    for (const { form, subject } of [debit, credit]) {
      if (form !== 'escrow' || subject === id) continue
      this.scene.broken('dispute.unknown', `'${purpose}' goes through escrow:${subject}, which is not the dispute's.`)
    }
    const known = this.known.get(id)
    if (known !== undefined) this.countSlashed(known, purpose, amountMicro, debit, credit)
  }

  /** Only what the slashed pool has put into an escrow of the region goes back to it. */
  private countSlashed(known: KnownDispute, purpose: string, amountMicro: bigint, debit: Account, credit: Account) {
    if (debit.form === 'slashed' && credit.form === 'escrow') known.slashedMicro += amountMicro
    if (credit.form !== 'slashed') return
    const backMicro = known.entry.account === REGION && debit.form === 'escrow' ? known.slashedMicro : 0n
    if (amountMicro > backMicro) {
      const expected = `at most ${backMicro} goes back there`
      this.scene.broken('dispute.region', `'${purpose}' gives ${amountMicro} to ${credit.id}, and ${expected}.`)
    }
    known.slashedMicro -= amountMicro
  }
}
