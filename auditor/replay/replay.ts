/** Replays a log entry by entry. What it keeps grows with accounts, devices and open business; a purpose costs 20 to 40 bytes. */
import {
  type GenesisEntry,
  type Hash,
  type LogEntry,
  type OpeningEntry,
  type PayoutEntry,
  type PolicyEntry,
  type RegionId,
  regionIdOf,
  type Verifier,
} from '../../protocol/index.ts'
import type { Problems } from '../problems.ts'
import { balanceMicro } from './accounts.ts'
import { BindingRules } from './bindings.ts'
import { Businesses } from './businesses.ts'
import { CampaignRules } from './campaigns.ts'
import { DeviceRules } from './devices.ts'
import { DisputeRules } from './disputes.ts'
import { Holdback } from './holdback.ts'
import { Holds } from './holds.ts'
import { JobRules } from './jobs.ts'
import { PayoutRules } from './payouts.ts'
import { PriceRules } from './prices.ts'
import { ReceiptRules } from './receipts.ts'
import { Remainders } from './remainders.ts'
import { Scene } from './scene.ts'
import { TransferRules } from './transfers.ts'

/** What a replay uses of the machine it runs on. */
export interface ReplayPorts {
  readonly hash: Hash
  readonly verifier: Verifier
}

/** The state that a log leads to, and the rules it breaks on the way. */
export class Replay {
  readonly scene: Scene
  readonly holds: Holds
  readonly remainders: Remainders
  readonly businesses: Businesses
  readonly jobs: JobRules
  readonly campaigns: CampaignRules
  readonly devices: DeviceRules
  readonly receipts: ReceiptRules
  readonly prices: PriceRules
  readonly payouts: PayoutRules
  readonly bindings: BindingRules
  readonly disputes: DisputeRules
  readonly holdback: Holdback
  readonly transfers: TransferRules
  readonly verifier: Verifier
  /** Every length of the holdback windows that was ever in force. */
  readonly windowsMs = new Set<number>()
  genesis: GenesisEntry | null = null
  private openingMicro = 0n
  private openingSeen = false

  /** @param expected - about how many entries there will be */
  constructor({ hash, verifier }: ReplayPorts, problems: Problems, expected = 0) {
    const scene = new Scene(problems)
    this.scene = scene
    this.holds = new Holds(scene)
    this.remainders = new Remainders(scene)
    this.businesses = new Businesses(scene, this.remainders)
    this.prices = new PriceRules(scene)
    this.jobs = new JobRules(scene, this.businesses, this.remainders, () => this.prices.gigafuelPriceMicro)
    this.campaigns = new CampaignRules(scene, this.businesses, this.remainders)
    this.devices = new DeviceRules(scene)
    this.receipts = new ReceiptRules(scene, this.devices)
    this.payouts = new PayoutRules(scene)
    this.bindings = new BindingRules(scene, this.devices, verifier, () => this.regionId)
    this.disputes = new DisputeRules(scene, this.holds, this.devices, this.jobs.past)
    const { businesses, jobs, campaigns, devices, disputes, payouts } = this
    this.verifier = verifier
    this.holdback = new Holdback(scene)
    const { holdback } = this
    const rules = { businesses, jobs, campaigns, devices, disputes, payouts, holdback }
    this.transfers = new TransferRules(scene, this.holds, rules, hash, expected)
  }

  /** The log began in a region that had accounts already. */
  get startsFromBalances(): boolean {
    return this.openingSeen
  }

  get regionId(): RegionId | null {
    return this.genesis?.regionId ?? null
  }

  /**
   * The next entry.
   * @param atPayout - looks at what an epoch has paid to each payee, when its entry closes it
   */
  apply(index: number, entry: LogEntry, atPayout: (entry: PayoutEntry) => void = () => {}): void {
    const { scene } = this
    scene.index = index
    if ((index === 0) !== (entry.type === 'genesis')) {
      scene.broken(
        'genesis.place',
        `the first entry says who the region is and no other does, and this one is of type '${entry.type}'.`,
      )
    }
    switch (entry.type) {
      case 'genesis':
        this.begin(entry)
        break
      case 'opening':
        this.open(entry)
        break
      case 'policy':
        this.rule(entry)
        break
      case 'transfer':
        if (this.transfers.count === 0) this.checkOpening()
        this.transfers.book(entry)
        break
      case 'device':
        this.devices.enrol(entry)
        break
      case 'standing':
        this.devices.stand(entry)
        if (entry.standing === 'caught') this.jobs.caught(entry.device)
        break
      case 'job':
        this.jobs.begin(entry)
        break
      case 'job-end':
        this.jobs.end(entry)
        break
      case 'campaign':
        this.campaigns.begin(entry)
        break
      case 'campaign-end':
        this.campaigns.end(entry)
        break
      case 'verdict':
        this.campaigns.verdict(entry)
        break
      case 'receipt':
        this.receipts.give(entry)
        break
      case 'price':
        this.prices.set(entry)
        break
      case 'payout':
        this.payouts.close(entry, () => atPayout(entry))
        break
      case 'binding':
        this.bindings.bind(entry)
        break
      case 'dispute':
        this.disputes.begin(entry)
        break
      case 'dispute-end':
        this.disputes.end(entry)
    }
  }

  /** What can only be said when all entries have been read. */
  finish(): void {
    if (this.transfers.count === 0) this.checkOpening()
    let sumMicro = 0n
    for (const account of this.scene.accounts.all()) sumMicro += balanceMicro(account)
    if (sumMicro !== 0n) this.scene.problems.add('sum.zero', null, `All balances sum to ${sumMicro} instead of 0.`)
  }

  private begin(entry: GenesisEntry): void {
    if (this.genesis !== null) return
    this.genesis = entry
    const expected = regionIdOf(entry.publicKey)
    if (expected !== entry.regionId) {
      this.scene.broken('genesis.key', `the region is ${entry.regionId}, and its key is that of ${expected}.`)
    }
  }

  private open({ balances, atMs }: OpeningEntry): void {
    const { scene } = this
    this.openingSeen = true
    this.jobs.past.forget(atMs)
    if (this.transfers.count > 0)
      scene.broken('opening.place', 'balances from before the log are told after a transfer.')
    for (const { account: id, debitsMicro, creditsMicro } of balances) {
      const account = scene.accounts.take(id)
      if (account === null || account.fromBefore || account.debitsMicro + account.creditsMicro > 0n) {
        scene.broken('opening.place', `the account '${id}' is told twice, or has no known form.`)
        continue
      }
      if (account.form !== 'treasury' && debitsMicro > creditsMicro) {
        scene.broken('opening.sum', `${id} owed ${debitsMicro - creditsMicro} before the log began.`)
      }
      account.fromBefore = true
      account.debitsMicro = debitsMicro
      account.creditsMicro = creditsMicro
      this.openingMicro += creditsMicro - debitsMicro
    }
  }

  private checkOpening(): void {
    if (!this.openingSeen || this.openingMicro === 0n) return
    const message = `the balances from before the log sum to ${this.openingMicro} instead of 0.`
    this.scene.broken('opening.sum', message)
  }

  private rule(entry: PolicyEntry): void {
    const { feeBasisPoints, holdbackWindowMs, epochMs } = entry
    if (feeBasisPoints > 5_000 || holdbackWindowMs < 1_000 || epochMs < 1_000) {
      const found = `a fee of ${feeBasisPoints} basis points, windows of ${holdbackWindowMs} ms and epochs of ${epochMs} ms`
      this.scene.broken('policy.range', `${found} are told.`)
    }
    this.scene.policy = entry
    this.jobs.past.setWindow(holdbackWindowMs, entry.atMs)
    this.windowsMs.add(holdbackWindowMs)
  }
}
