/** Campaigns: their terms, the verdicts on their windows, and the payments for accepted readings. */
import type { CampaignEndEntry, CampaignEntry, TransferEntry, VerdictEntry, VerdictLine } from '../../protocol/index.ts'
import type { Account } from './accounts.ts'
import { type Business, type Businesses, newMoney } from './businesses.ts'
import { Price, type Remainders } from './remainders.ts'
import type { Scene } from './scene.ts'

/** What is known of one sensor in one window. */
interface Series {
  revision: number
  paidReadings: number
  /** Readings that the newest verdict says are paid and that no payment has come for; and to which device. */
  dueReadings: number
  device: string
}

/** An open campaign. */
export interface OpenCampaign extends Business<'campaign'> {
  readonly entry: CampaignEntry
  /** By window and sensor, such as `1700000000000/<sensor>`. */
  readonly series: Map<string, Series>
  /** Series that wait for a payment. */
  readonly due: Map<string, Series>
  /** Newest revision of each window. */
  readonly revisions: Map<number, number>
}

const SENSE = /^sense\/([a-z2-7]{16})\/(0|[1-9]\d{0,15})\/([^/]+)\/([1-9]\d{0,15})$/

/** The rules of campaigns. */
export class CampaignRules {
  private readonly scene: Scene
  private readonly businesses: Businesses
  private readonly remainders: Remainders
  private readonly campaigns = new Map<string, OpenCampaign>()
  private readonly begun = new Set<string>()
  /** Campaigns ever begun. */
  count = 0

  constructor(scene: Scene, businesses: Businesses, remainders: Remainders) {
    this.scene = scene
    this.businesses = businesses
    this.remainders = remainders
  }

  get openCount(): number {
    return this.campaigns.size
  }

  /** Campaigns that are not over. */
  allOpen(): IterableIterator<OpenCampaign> {
    return this.campaigns.values()
  }

  /** A campaign that is not over. */
  find(id: string): OpenCampaign | undefined {
    return this.campaigns.get(id)
  }

  /** Whether the log tells of it at all. */
  isKnown(id: string): boolean {
    return this.begun.has(id)
  }

  begin(entry: CampaignEntry): void {
    this.count++
    const { campaign: id, submitter, budgetMicro, feeBasisPoints } = entry
    this.begun.add(id)
    const { policy } = this.scene
    if (policy === null)
      this.scene.broken('policy.missing', `campaign ${id} is taken before a rule says what the fee is.`)
    else if (policy.feeBasisPoints !== feeBasisPoints) {
      const fee = `${feeBasisPoints} basis points, and the fee is ${policy.feeBasisPoints}`
      this.scene.broken('job.price', `campaign ${id} is taken at a fee of ${fee}.`)
    }
    const terms = { submitter, budgetMicro, feeBasisPoints }
    const maps = { series: new Map(), due: new Map(), revisions: new Map() }
    const campaign: OpenCampaign = { kind: 'campaign', id, terms, entry, ...newMoney(), ...maps }
    if (this.businesses.begin(campaign)) this.campaigns.set(id, campaign)
  }

  end({ campaign: id }: CampaignEndEntry): void {
    const campaign = this.campaigns.get(id)
    if (campaign !== undefined) this.checkPaid(campaign)
    this.businesses.end('campaign', id)
    this.campaigns.delete(id)
  }

  /** A window has been judged. A long verdict comes as several entries of one revision. */
  verdict(entry: VerdictEntry): void {
    const { campaign: id, windowMs, revision, lines } = entry
    const campaign = this.campaigns.get(id)
    if (campaign === undefined) {
      const escrow = this.scene.accounts.find(`escrow:${id}`)
      const isKnown = escrow !== undefined && this.businesses.isFromBefore(escrow)
      if (!isKnown) this.scene.broken('job.unknown', `a verdict is told on campaign ${id}, which is not open.`)
      return
    }
    const newest = campaign.revisions.get(windowMs) ?? 0
    if (revision !== newest + 1 && (revision !== newest || newest === 0)) {
      const found = `revision ${revision} of window ${windowMs} of campaign ${id}`
      this.scene.broken('verdict.order', `${found} is told, and ${newest + 1} was expected.`)
    }
    // The payments of a verdict come before anything else is said of its campaign, except for the rest of the verdict.
    if (revision !== newest) this.checkPaid(campaign)
    campaign.revisions.set(windowMs, Math.max(newest, revision))
    for (const line of lines) this.line(campaign, windowMs, revision, line)
  }

  /** A device is paid for readings. */
  pay(entry: TransferEntry, debit: Account, credit: Account): void {
    const match = SENSE.exec(entry.purpose)
    if (match === null || match[1] !== debit.subject) {
      this.scene.broken(
        'transfer.purpose',
        `its purpose '${entry.purpose}' names no window and sensor of the campaign of ${debit.id}.`,
      )
      return
    }
    if (entry.basis?.kind !== 'readings') {
      this.scene.broken('transfer.basis', `'${entry.purpose}' names no accepted readings.`)
      return
    }
    const business = this.businesses.expectPaying(debit)
    const campaign = this.campaigns.get(debit.subject)
    if (business === undefined || campaign === undefined) return
    const key = `${match[2]}/${match[3]}`
    const series = campaign.due.get(key)
    const { readings } = entry.basis
    const isDue = series?.revision === Number(match[4]) && series.dueReadings === readings
    if (series === undefined || !isDue || series.device !== credit.subject) {
      const due =
        series === undefined
          ? 'nothing is due'
          : `${series.dueReadings} readings of revision ${series.revision} are due to ${series.device}`
      this.scene.broken(
        'sense.verdict',
        `'${entry.purpose}' pays ${credit.subject} for ${readings} readings, and ${due}.`,
      )
    }
    const priceMicro = campaign.entry.priceMicro * BigInt(readings)
    const deviceMicro = this.remainders.take(
      credit.subject,
      Price.ofReadings(priceMicro, campaign.terms.feeBasisPoints),
    )
    if (entry.amountMicro !== deviceMicro) {
      const terms = `${readings} readings at ${campaign.entry.priceMicro} less ${campaign.terms.feeBasisPoints} basis points`
      this.scene.broken(
        'pay.amount',
        `${entry.amountMicro} is paid for '${entry.purpose}', and ${terms} is ${deviceMicro}.`,
      )
    }
    campaign.feeMicro += priceMicro - deviceMicro
    campaign.due.delete(key)
  }

  private line(campaign: OpenCampaign, windowMs: number, revision: number, line: VerdictLine): void {
    const { sensor, device, readings, accepted, paidReadings } = line
    const key = `${windowMs}/${sensor}`
    const before = campaign.series.get(key)
    const name = `sensor ${sensor} in window ${windowMs} of campaign ${campaign.id}`
    if (before?.revision === revision)
      this.scene.broken('verdict.order', `${name} is judged twice in revision ${revision}.`)
    const paidBefore = before?.paidReadings ?? 0
    if (accepted > readings) {
      this.scene.broken('verdict.counts', `of ${name} ${accepted} of ${readings} readings are accepted.`)
    }
    if (paidReadings < paidBefore || (paidReadings > paidBefore && paidReadings > accepted)) {
      const counts = `${paidReadings} readings are paid, ${paidBefore} had been paid, and ${accepted} are accepted`
      this.scene.broken('verdict.counts', `of ${name} ${counts}.`)
    }
    const dueReadings = paidReadings - paidBefore
    const series: Series = { revision, paidReadings, dueReadings, device }
    campaign.series.set(key, series)
    if (dueReadings > 0 && campaign.entry.priceMicro > 0n) campaign.due.set(key, series)
  }

  private checkPaid(campaign: OpenCampaign): void {
    for (const [key, { dueReadings, device }] of campaign.due) {
      this.scene.broken(
        'verdict.unpaid',
        `${dueReadings} readings of ${device} (${key}) of campaign ${campaign.id} were to be paid before this, and were not.`,
      )
    }
    campaign.due.clear()
  }
}
