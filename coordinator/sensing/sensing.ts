/**
 * The sensing department: keeps campaigns, tells devices what to sample, takes their frames, and settles windows once they are judged.
 * Pure: evidence is gathered and judged outside, since it is read from the store; what comes of it arrives as one more input.
 */
import {
  assert,
  type CampaignId,
  type CampaignSpec,
  type DeviceId,
  type Profile,
  type ProfileId,
  type ReadingFrame,
  type Sensors,
  type SubmitterName,
} from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Now } from '../jobs/jobs.ts'
import type { CampaignRow, FrameRow } from '../store/rows.ts'
import {
  type Campaign,
  closeWindows,
  createCampaign,
  isPending,
  openWindow,
  type SensingDesk,
  settledFrame,
  type Tally,
  windowOf,
} from './campaign.ts'
import { candidatesFor } from './candidates.ts'
import { type Choice, chooseSensors } from './choose.ts'
import { Conditions } from './conditions.ts'
import { closeCampaignEscrow, openCampaignEscrow } from './escrow.ts'
import type { Question } from './evidence.ts'
import { countLate, flagBytes } from './flags.ts'
import type { WindowVerdict } from './judge-window.ts'
import { awardWindow, payAwards } from './pay.ts'
import { type KnownPlan, PlanBook } from './plan-book.ts'
import { recordVerdict } from './verdict-entries.ts'
import { dueWindows } from './windows.ts'

export type CampaignOutcome = { ok: true; row: CampaignRow } | { ok: false; code: string; reason: string }

/** A frame that was opened and read, with what it means. */
export interface TakenFrame {
  readonly frame: ReadingFrame
  readonly profile: Profile
  /** As received. */
  readonly bytes: Uint8Array
}

/** The key under which the store remembers the last frame that no window waits for. */
export const SETTLED_FRAME = 'sensing-settled-frame'

const STATUS_EVERY_MS = 1_000

export class Sensing {
  private readonly desk: SensingDesk
  private readonly campaigns = new Map<CampaignId, Campaign>()
  /** What each sensor last sent. */
  readonly conditions = new Conditions()
  private readonly plans = new PlanBook()
  /** Numbers of frames that are stepped and not yet committed. */
  private readonly uncommitted = new Set<string>()
  private frameId: number
  private settledFrame = 0
  private nextStatusMs = 0
  private readonly judgedLately = new Set<Campaign>()

  constructor(desk: SensingDesk, restored: Iterable<Campaign>, frameIdMax: number) {
    this.desk = desk
    for (const campaign of restored) {
      this.campaigns.set(campaign.row.id, campaign)
      campaign.assigned = this.choose(campaign.spec).assigned
    }
    this.frameId = frameIdMax
  }

  get registry(): SensingDesk['registry'] {
    return this.desk.registry
  }

  active(id: CampaignId): Campaign | undefined {
    return this.campaigns.get(id)
  }

  allActive(): IterableIterator<Campaign> {
    return this.campaigns.values()
  }

  /** Who would measure for a campaign now, and why the others would not. */
  choose(spec: CampaignSpec): Choice {
    return chooseSensors(spec, this.desk.registry, candidatesFor(this.desk, spec))
  }

  /** Takes a campaign whose terms have been settled; its budget goes into escrow. */
  submit(row: CampaignRow, spec: CampaignSpec, now: Now, batch: Batch): CampaignOutcome {
    if (openCampaignEscrow(this.desk, row, spec, now.wallMs, batch) === 'insufficient') {
      return { ok: false, code: 'insufficient', reason: 'The account no longer holds the budget.' }
    }
    const campaign = createCampaign(row, spec)
    this.campaigns.set(row.id, campaign)
    this.desk.dirty.add(campaign)
    this.announce(campaign, 'status', batch)
    this.replan(now, batch)
    return { ok: true, row }
  }

  /** Ends a campaign that is not wanted any more. What was judged stays; what was not is not paid. False when it is over. */
  stop(id: CampaignId, state: 'cancelled' | 'failed', reason: string, now: Now, batch: Batch): boolean {
    const campaign = this.campaigns.get(id)
    if (campaign === undefined) return false
    this.close(campaign, state, reason, now, batch)
    this.replan(now, batch)
    return true
  }

  /** A device says which sensors it has and where it stands. */
  announced(device: DeviceId, message: Sensors, now: Now, batch: Batch): void {
    this.desk.registry.announce(device, message.location, message.sensors, now.wallMs, batch)
    this.replan(now, batch)
    // Also when nothing changed: the device may have lost its plan, or never have had it.
    this.plans.send(device, [...this.campaigns.values()], now, batch)
    batch.emit({ kind: 'sensors-changed', device })
  }

  /** Standings have changed: who may measure is decided anew. */
  reconsider(now: Now, batch: Batch): void {
    this.replan(now, batch)
  }

  /**
   * Takes a frame once.
   * @param isStored - whether the store holds a frame of this number of the device
   * @returns `repeated` when it was taken before, `foreign` when none of its sensors is the device's; it is kept all the same then
   */
  reading(
    device: DeviceId,
    taken: TakenFrame,
    isStored: boolean,
    now: Now,
    batch: Batch,
  ): 'taken' | 'repeated' | 'foreign' {
    const { frame, profile, bytes } = taken
    const key = `${device}/${frame.seq}`
    if (isStored || this.uncommitted.has(key)) return 'repeated'
    this.uncommitted.add(key)
    const toMs = frame.gaps.reduce((latest, gap) => Math.max(latest, gap.toMs), endOf(frame, profile))
    const fromMs = frame.gaps.reduce((first, gap) => Math.min(first, gap.fromMs), frame.fromMs)
    const row: FrameRow = {
      id: ++this.frameId,
      device,
      seq: frame.seq,
      profile: frame.profile,
      receivedAtMs: Math.round(now.wallMs),
      fromMs,
      toMs,
      frame: bytes.slice(),
    }
    batch.write({ table: 'frame', row })
    batch.emit({ kind: 'observed', device, frame, profile })
    this.conditions.note(frame, profile)
    const own = profile.channels.filter(({ sensor }) => this.desk.registry.holds(device, sensor))
    for (const campaign of this.campaigns.values()) this.touch(campaign, device, taken, row, now)
    return own.length > 0 ? 'taken' : 'foreign'
  }

  /** Asks for the judgement of windows that are complete or have waited long enough, and ends what is over. */
  tick(now: Now, batch: Batch): void {
    const isOnline = (device: DeviceId) => Boolean(this.desk.fleet.member(device)?.presence)
    for (const campaign of [...this.campaigns.values()]) {
      for (const window of dueWindows(campaign, isOnline, now.wallMs)) {
        window.judging = true
        window.unseenFrame = null
        const { windowMs } = window
        batch.emit({ kind: 'judge', campaign: campaign.row.id, windowMs, frameMax: this.frameId })
      }
      closeWindows(campaign, now.wallMs)
      this.finishIfOver(campaign, now, batch)
    }
    if (now.monotonicMs < this.nextStatusMs) return
    this.nextStatusMs = now.monotonicMs + STATUS_EVERY_MS
    for (const campaign of this.judgedLately) this.announce(campaign, 'status', batch)
    this.judgedLately.clear()
    if (this.hasOutcast()) this.replan(now, batch)
  }

  /** What is to be asked about a window; null when the campaign has ended meanwhile. */
  question(id: CampaignId, windowMs: number, frameMax: number): Question | null {
    const campaign = this.campaigns.get(id)
    const window = campaign?.windows.get(windowMs)
    if (campaign === undefined || window === undefined) return null
    const members = [...campaign.assigned.values()].map(({ sensor, device, place, cell }) => {
      const known = this.desk.registry.sensor(sensor)
      return { sensor, device, place, cell, copied: known !== undefined && this.desk.registry.isCopied(known) }
    })
    const frameFirst = window.revision === 0 ? frameMax : window.frameFirst
    return { spec: campaign.spec, windowMs, frameMax, frameFirst, members }
  }

  /** A window has been judged: pays, stores and publishes. */
  judged(id: CampaignId, verdict: WindowVerdict, now: Now, batch: Batch): void {
    const campaign = this.campaigns.get(id)
    const window = campaign?.windows.get(verdict.windowMs)
    if (campaign === undefined || window === undefined) return
    window.judging = false
    window.revision++
    window.frameMax = verdict.frameMax
    if (window.revision === 1) {
      window.frameFirst = verdict.frameMax
      window.firstJudgedMs = now.wallMs
    }
    const awards = awardWindow(this.desk, campaign, window, verdict.series)
    recordVerdict(campaign, window, verdict.series, awards.bySensor, now.wallMs, batch)
    payAwards(this.desk, campaign, window, awards, now.wallMs, batch)
    for (const { member, flags, accepted } of verdict.series) {
      if (flags.length === 0) continue
      const award = awards.bySensor.get(member.sensor)
      assert(award, 'every judged sensor has a rank')
      const { place } = member
      const late = countLate(flags)
      const counts = { readings: flags.length, accepted }
      this.count(campaign, window.tallies.get(member.sensor), { ...counts, late })
      const { paidReadings, paidMicro } = award
      window.tallies.set(member.sensor, { ...counts, late, paidReadings, paidMicro })
      batch.write({
        table: 'judgement',
        row: {
          campaign: id,
          windowMs: window.windowMs,
          sensor: member.sensor,
          device: member.device,
          cell: member.cell,
          revision: window.revision,
          frameMax: verdict.frameMax,
          frameFirst: window.frameFirst,
          place: JSON.stringify([place.latitudeMicroDeg, place.longitudeMicroDeg, place.elevationM, place.indoor]),
          flags: flagBytes(flags),
          ...counts,
          ...award,
        },
      })
    }
    const { windowMs, revision } = window
    const rows = verdict.cells
      .filter(({ readings }) => readings > 0)
      .map(cell => ({ campaign: id, windowMs, revision, ...cell, judgedAtMs: Math.round(now.wallMs) }))
    for (const row of rows) batch.write({ table: 'window', row })
    this.desk.dirty.add(campaign)
    this.judgedLately.add(campaign)
    if (rows.length > 0) batch.emit({ kind: 'window', campaign: id, rows })
    if (this.isSpent(campaign)) this.close(campaign, 'done', 'its budget is spent', now, batch)
    else this.finishIfOver(campaign, now, batch)
  }

  /** The plan of a device as it was last decided. */
  planOf(device: DeviceId): KnownPlan | undefined {
    return this.plans.of(device)
  }

  /** A profile that a device announces. */
  keepProfile(id: ProfileId, bytes: Uint8Array, profile: Profile, batch: Batch): void {
    const channels = profile.channels.map(({ sensor, quantity }) => ({ sensor, quantity }))
    batch.write({ table: 'profile', row: { id, bytes, channels } })
  }

  /**
   * Goes through the frames again that windows were waiting for when the coordinator ended.
   * @param frames - those above {@link SETTLED_FRAME}
   */
  resume(frames: Iterable<FrameRow>, read: (row: FrameRow) => TakenFrame, now: Now, batch: Batch): void {
    for (const row of frames) {
      for (const campaign of this.campaigns.values()) this.touch(campaign, row.device, read(row), row, now)
    }
    this.replan(now, batch)
  }

  flush(batch: Batch): void {
    if (this.desk.dirty.size > 0) this.noteSettled(batch)
    for (const { row } of this.desk.dirty) batch.write({ table: 'campaign', row: { ...row } })
    this.desk.dirty.clear()
    this.uncommitted.clear()
  }

  /** A device that measures has lost its standing, for what it did at other work. */
  private hasOutcast(): boolean {
    for (const { row, assigned } of this.campaigns.values()) {
      if (row.state !== 'running') continue
      for (const { device } of assigned.values()) {
        if (this.desk.fleet.member(device)?.row.standing !== 'joined') return true
      }
    }
    return false
  }

  /** Remembers up to which frame every window has been judged, so that a restart goes through the others only. */
  private noteSettled(batch: Batch): void {
    const settled = settledFrame(this.campaigns.values(), this.frameId)
    if (settled <= this.settledFrame) return
    this.settledFrame = settled
    batch.write({ table: 'meta', key: SETTLED_FRAME, value: `${settled}` })
  }

  /** Chooses sensors for every campaign again, and tells the devices whose plan is another now. */
  private replan(now: Now, batch: Batch): void {
    for (const campaign of this.campaigns.values()) {
      if (campaign.row.state !== 'running') continue
      const { assigned, excluded } = this.choose(campaign.spec)
      campaign.assigned = assigned
      this.desk.passes.note(campaign.row.id, excluded, now.wallMs, batch)
    }
    this.plans.refresh([...this.campaigns.values()], now, batch)
  }

  private touch(campaign: Campaign, device: DeviceId, taken: TakenFrame, row: FrameRow, now: Now): void {
    const { frame, profile } = taken
    const { spec } = campaign
    const wanted = profile.channels.filter(
      ({ sensor, quantity }) => quantity === spec.quantity && campaign.assigned.get(sensor)?.device === device,
    )
    if (wanted.length === 0) return
    for (const { sensor } of wanted) {
      campaign.reportedToMs.set(sensor, Math.max(campaign.reportedToMs.get(sensor) ?? 0, row.toMs))
    }
    campaign.row.frameBytes += Math.round((row.frame.length * wanted.length) / profile.channels.length)
    this.desk.dirty.add(campaign)
    let last: number | null = null
    for (let i = 0; i < frame.count; i++) {
      const windowMs = windowOf(campaign, frame.fromMs + i * profile.periodMs)
      if (windowMs === last) continue
      last = windowMs
      const window = openWindow(campaign, windowMs, now.wallMs)
      if (window === null || row.id <= window.frameMax) continue
      window.touchedMs = now.wallMs
      window.unseenFrame ??= row.id
    }
  }

  private count(
    { row }: Campaign,
    before: Tally | undefined,
    after: Pick<Tally, 'readings' | 'accepted' | 'late'>,
  ): void {
    row.readings += after.readings - (before?.readings ?? 0)
    row.accepted += after.accepted - (before?.accepted ?? 0)
    row.late += after.late - (before?.late ?? 0)
    row.rejected = row.readings - row.accepted
  }

  private isSpent({ row, spec }: Campaign): boolean {
    return spec.priceMicro > 0n && row.budgetMicro - row.paidMicro - row.feeMicro < spec.priceMicro
  }

  private finishIfOver(campaign: Campaign, now: Now, batch: Batch): void {
    const { row, spec, windows } = campaign
    const waits = [...windows.values()].some(isPending)
    if (row.state === 'running' && now.wallMs >= row.endMs + spec.latenessMs && !waits) {
      row.state = 'settling'
      this.desk.dirty.add(campaign)
      this.announce(campaign, 'status', batch)
      this.announce(campaign, 'result', batch)
      this.replan(now, batch)
    }
    if (row.state !== 'settling' || waits) return
    const lastMs = [...windows.values()].reduce((latest, window) => Math.max(latest, window.firstJudgedMs), row.endMs)
    if (now.wallMs > lastMs + spec.correctionMs) this.close(campaign, 'done', '', now, batch)
  }

  private close(
    campaign: Campaign,
    state: 'done' | 'cancelled' | 'failed',
    reason: string,
    now: Now,
    batch: Batch,
  ): void {
    const { row } = campaign
    closeCampaignEscrow(this.desk, row, now.wallMs, batch)
    row.state = state
    row.reason = reason
    row.finishedAtMs = Math.round(now.wallMs)
    this.desk.dirty.add(campaign)
    this.campaigns.delete(row.id)
    this.judgedLately.delete(campaign)
    this.desk.passes.forget(row.id)
    this.announce(campaign, 'status', batch)
    this.announce(campaign, 'result', batch)
    this.replan(now, batch)
  }

  private announce({ row }: Campaign, what: 'status' | 'result', batch: Batch): void {
    batch.emit({ kind: 'campaign-changed', submitter: row.submitter as SubmitterName, campaign: row.id, what })
  }
}

const endOf = (frame: ReadingFrame, profile: Profile): number => frame.fromMs + frame.count * profile.periodMs
