/** Jobs: their terms, the payments for their runs of units, and how they end. */
import { CAPACITY_UNIT_FUEL } from '../../protocol/capacity/index.ts'
import { type JobEndEntry, type JobEntry, LIMITS, type TransferEntry } from '../../protocol/index.ts'
import type { Account } from './accounts.ts'
import { type Business, type Businesses, newMoney, REGION_SUBMITTER } from './businesses.ts'
import { PastLeases } from './past-leases.ts'
import { Price, type Remainders, wholeMicro } from './remainders.ts'
import { type PaidRun, PaidRuns } from './runs.ts'
import type { Scene } from './scene.ts'

/** What work on a job is paid by; it stays known when the job is over, since disputes may pay for its units again. */
export interface WorkTerms {
  readonly job: string
  readonly units: number
  readonly gigafuelPriceMicro: bigint
  readonly feeBasisPoints: number
}

/** What has been paid for work on a job, out of one escrow. */
export interface PaySheet {
  readonly work: WorkTerms
  readonly runs: PaidRuns
  /** Which device holds a lease that was paid. */
  readonly leases: Map<number, string>
  /** The region's part of what was paid. */
  feeMicro: bigint
  /** What rounding up the price of each answer has added. */
  roundedNano: bigint
}

/** A sheet on which nothing is paid yet. */
export const newSheet = (work: WorkTerms): PaySheet => ({
  work,
  runs: new PaidRuns(),
  leases: new Map(),
  feeMicro: 0n,
  roundedNano: 0n,
})

/** An open job. */
export interface OpenJob extends Business<'job'>, PaySheet {
  readonly trusting: boolean
  /** It is the region's own, by which it finds out what devices can do. */
  readonly isCheck: boolean
  /** Paid to a caught device for runs that are done again, and not gone back into the escrow. */
  readonly takenBack: Map<string, bigint>
}

const PAY = /^pay\/([a-z2-7]{16})\/([1-9]\d{0,15})\/(0|[1-9]\d{0,7})\+([1-9]\d{0,7})$/

/** How often the price of a check of what devices can do may be doubled, for those who ask more than the price in force. */
const CHECK_DOUBLINGS_MAX = 3n

/** Whether the region's own jobs may be taken at a price. */
function isCheckPrice(priceMicro: bigint, inForce: bigint | null): boolean {
  if (inForce === null) return false
  for (let doublings = 0n; doublings <= CHECK_DOUBLINGS_MAX; doublings++) {
    if (priceMicro === inForce << doublings) return true
  }
  return false
}

/** The rules of jobs. */
export class JobRules {
  private readonly scene: Scene
  private readonly businesses: Businesses
  private readonly remainders: Remainders
  private readonly priceInForce: () => bigint | null
  private readonly jobs = new Map<string, OpenJob>()
  private readonly over = new Map<string, WorkTerms>()
  /** Of jobs that are done, the leases that were paid. */
  readonly past = new PastLeases()
  /** Jobs ever begun. */
  count = 0

  constructor(scene: Scene, businesses: Businesses, remainders: Remainders, priceInForce: () => bigint | null) {
    this.scene = scene
    this.businesses = businesses
    this.remainders = remainders
    this.priceInForce = priceInForce
  }

  get openCount(): number {
    return this.jobs.size
  }

  /** Jobs that are not over. */
  allOpen(): IterableIterator<OpenJob> {
    return this.jobs.values()
  }

  /** A job that is not over. */
  find(id: string): OpenJob | undefined {
    return this.jobs.get(id)
  }

  begin(entry: JobEntry): void {
    this.count++
    const { job: id, submitter, budgetMicro, feeBasisPoints, units } = entry
    const price = this.priceInForce()
    const isOfRegion = submitter === REGION_SUBMITTER
    if (isOfRegion && !entry.trusting) {
      this.scene.broken('job.check', `job ${id} is the region's own, and asks for several answers.`)
    }
    const isRight = isOfRegion ? isCheckPrice(entry.gigafuelPriceMicro, price) : price === entry.gigafuelPriceMicro
    if (price !== null && !isRight) {
      this.scene.broken(
        'job.price',
        `job ${id} is taken at ${entry.gigafuelPriceMicro} for 10^9 fuel, and the price is ${price}.`,
      )
    }
    this.checkFee(id, feeBasisPoints)
    if (units > LIMITS.unitsPerJobMax) {
      this.scene.broken('entry.form', `job ${id} has ${units} units, and a job has at most ${LIMITS.unitsPerJobMax}.`)
      return
    }
    const terms = { submitter, budgetMicro, feeBasisPoints }
    const work = { job: id, units, gigafuelPriceMicro: entry.gigafuelPriceMicro, feeBasisPoints }
    const state = { trusting: entry.trusting, isCheck: isOfRegion, takenBack: new Map() }
    const job: OpenJob = { kind: 'job', id, terms, ...newSheet(work), ...newMoney(), ...state }
    if (this.businesses.begin(job)) this.jobs.set(id, job)
  }

  end({ job: id, state, result, atMs }: JobEndEntry): void {
    if ((state === 'done') !== (result !== null)) {
      const found = result === null ? 'has no result' : 'has a result'
      this.scene.broken('job.result', `job ${id} ends as ${state} and ${found}.`)
    }
    this.businesses.end('job', id)
    const job = this.jobs.get(id)
    if (job !== undefined) {
      this.over.set(id, job.work)
      if (state === 'done') this.past.add(job.leases, job.runs, atMs)
    } else this.past.forget(atMs)
    this.jobs.delete(id)
  }

  /** The terms of a job that was ever begun; undefined for one of before the log. */
  termsOf(id: string): WorkTerms | undefined {
    return this.jobs.get(id)?.work ?? this.over.get(id)
  }

  /**
   * A device is paid for a run.
   * @param sheetOf - finds the sheet of another escrow than a job's own
   */
  pay(
    entry: TransferEntry,
    debit: Account,
    credit: Account,
    sheetOf: (escrow: Account, job: string) => PaySheet | null,
  ): void {
    const match = PAY.exec(entry.purpose)
    if (match === null || entry.basis?.kind !== 'run') {
      const rule = match === null ? 'transfer.purpose' : 'transfer.basis'
      this.scene.broken(rule, `'${entry.purpose}' does not name the accepted run that is paid.`)
      return
    }
    const job = match[1] ?? ''
    const sheet = job === debit.subject ? this.ownSheet(debit) : sheetOf(debit, job)
    if (sheet === null) return
    const [lease, first, count] = [Number(match[2]), Number(match[3]), Number(match[4])]
    this.checkLease(sheet, lease, credit.subject)
    const { digest, fuel } = entry.basis
    const { gigafuelPriceMicro, feeBasisPoints } = sheet.work
    const price = new Price(BigInt(fuel) * gigafuelPriceMicro, feeBasisPoints)
    const deviceMicro = this.remainders.take(credit.subject, price)
    if (entry.amountMicro !== deviceMicro) {
      const terms = `${fuel} fuel at ${gigafuelPriceMicro} for 10^9 less ${feeBasisPoints} basis points`
      this.scene.broken(
        'pay.amount',
        `${entry.amountMicro} is paid for '${entry.purpose}', and ${terms} is ${deviceMicro}.`,
      )
    }
    if (this.jobs.get(debit.subject)?.isCheck && fuel !== count * CAPACITY_UNIT_FUEL) {
      const expected = `${count} units of a check burn ${count * CAPACITY_UNIT_FUEL}`
      this.scene.broken('job.check', `${fuel} fuel is paid for '${entry.purpose}', and ${expected}.`)
    }
    const run = { first, count, digest: latin1(digest), fuel, deviceMicro, devices: [credit.subject] }
    if (!this.addRun(sheet, run)) return
    sheet.feeMicro += price.micro - deviceMicro
    if (this.scene.policy?.keepsRemainders) sheet.roundedNano += price.roundedNano
  }

  private ownSheet(escrow: Account): PaySheet | null {
    const business = this.businesses.expectPaying(escrow)
    return business === undefined ? null : (this.jobs.get(business.id) ?? null)
  }

  /** A device is caught: what rests on its word alone in jobs that check is done again. */
  caught(device: string): void {
    for (const job of this.jobs.values()) {
      if (job.trusting) continue
      const backMicro = this.backMicro(job, job.runs.takeBack(device))
      if (backMicro > 0n) job.takenBack.set(device, (job.takenBack.get(device) ?? 0n) + backMicro)
    }
  }

  /**
   * What a caught device was paid for runs that are done again; the rest of their price is the region's part no more. Once remainders are
   * carried it is the exact share, rounded down, since nobody can tell in which payment a remainder was paid.
   */
  private backMicro(job: OpenJob, runs: readonly PaidRun[]): bigint {
    const carries = this.scene.policy?.keepsRemainders === true
    const { gigafuelPriceMicro, feeBasisPoints } = job.work
    let [priceMicro, roundedNano, parts, paidMicro] = [0n, 0n, 0n, 0n]
    for (const { fuel, deviceMicro } of runs) {
      const price = new Price(BigInt(fuel) * gigafuelPriceMicro, feeBasisPoints)
      priceMicro += price.micro
      roundedNano += price.roundedNano
      parts += price.deviceParts
      paidMicro += deviceMicro
    }
    const backMicro = carries ? wholeMicro(parts) : paidMicro
    const restMicro = priceMicro - backMicro
    job.roundedNano -= roundedNano < job.roundedNano ? roundedNano : job.roundedNano
    job.feeMicro -= restMicro < job.feeMicro ? restMicro : job.feeMicro
    return backMicro
  }

  /** What a caught device was paid goes back into the escrow. */
  slash(amountMicro: bigint, device: string, escrow: Account): void {
    const business = this.businesses.expect(escrow, 'a slash goes to')
    const job = this.jobs.get(escrow.subject)
    if (business === undefined || job === undefined) return
    const backMicro = job.takenBack.get(device) ?? 0n
    if (amountMicro > backMicro) {
      const expected = `at most ${backMicro}, what it was paid for units that are done again`
      this.scene.broken(
        'slash.amount',
        `${amountMicro} of ${device} goes back into ${escrow.id}: ${expected}, was expected.`,
      )
    }
    job.takenBack.delete(device)
  }

  private checkFee(id: string, feeBasisPoints: number): void {
    const { policy } = this.scene
    if (policy === null) this.scene.broken('policy.missing', `job ${id} is taken before a rule says what the fee is.`)
    else if (policy.feeBasisPoints !== feeBasisPoints) {
      this.scene.broken(
        'job.price',
        `job ${id} is taken at a fee of ${feeBasisPoints} basis points, and the fee is ${policy.feeBasisPoints}.`,
      )
    }
  }

  private checkLease(job: PaySheet, lease: number, device: string): void {
    const holder = job.leases.get(lease)
    if (holder === undefined) job.leases.set(lease, device)
    else if (holder !== device)
      this.scene.broken('pay.lease', `lease ${lease} is ${holder}'s, and ${device} is paid for it.`)
  }

  /** @returns whether this is a payment for a run that may be paid */
  private addRun({ work, runs }: PaySheet, run: PaidRun): boolean {
    const { first, count } = run
    const [device = ''] = run.devices
    const known = runs.find(first)
    const name = `units ${first}+${count} of job ${work.job}`
    if (first + count > work.units) {
      this.scene.broken('pay.units', `${name} are paid, and the job has ${work.units}.`)
      return false
    }
    if (known === undefined || known.count !== count) {
      const unit = runs.firstTaken(first, count)
      if (unit !== null) {
        this.scene.broken('pay.units', `${name} are paid, and unit ${unit} has been paid for in another run.`)
        return false
      }
      runs.add(run)
      return true
    }
    if (known.devices.includes(device)) {
      this.scene.broken('pay.repeated', `${device} is paid again for ${name}.`)
    } else if (known.digest !== run.digest || known.fuel !== run.fuel) {
      this.scene.broken('pay.agreement', `${device} is paid for ${name} with another answer than ${known.devices[0]}.`)
    }
    runs.join(known, device)
    return true
  }
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
