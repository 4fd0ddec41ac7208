import { assert } from '../../protocol/index.ts'
import { copies, copyOf, sorted } from './memory-copies.ts'
import type { PendingRows } from './pending-rows.ts'
import type {
  CampaignRow,
  CampaignsFilter,
  FrameRow,
  FramesFilter,
  JudgementRow,
  JudgementsFilter,
  PlaceRow,
  ProfileRow,
  SensorRow,
  WindowRow,
  WindowsFilter,
  Write,
} from './rows.ts'
import type { UndoLog } from './undo-log.ts'

/** The rows of sensing in memory, and the questions about them. */
export class MemorySensing {
  private readonly undo: UndoLog
  private readonly hasDevice: (id: string) => boolean
  private readonly placeRows = new Map<string, PlaceRow>()
  private readonly sensorRows = new Map<string, SensorRow>()
  private readonly profileRows = new Map<string, ProfileRow>()
  private readonly frameRows = new Map<number, FrameRow>()
  private readonly frameKeys = new Map<string, number>()
  private readonly campaignRows = new Map<string, CampaignRow>()
  private readonly judgementRows = new Map<string, JudgementRow>()
  private readonly windowRows = new Map<string, WindowRow>()

  constructor(undo: UndoLog, hasDevice: (id: string) => boolean) {
    this.undo = undo
    this.hasDevice = hasDevice
  }

  /** Takes the rows that others name. */
  applyNamed({ sensors, profiles, campaigns }: PendingRows): void {
    for (const [id, row] of sensors) {
      this.knows('device', row.device)
      if (row.rival !== null) this.knows('device', row.rival)
      this.undo.set(this.sensorRows, id, { ...row })
    }
    for (const [id, row] of profiles) {
      if (!this.profileRows.has(id)) this.undo.set(this.profileRows, id, { ...row })
    }
    for (const [id, row] of campaigns) {
      this.undo.set(this.campaignRows, id, { ...row, spec: this.campaignRows.get(id)?.spec ?? row.spec })
    }
  }

  /** Applies a write of the tables that only name other rows. The others are not for it. */
  apply(write: Write): void {
    switch (write.table) {
      case 'place':
        this.knows('device', write.row.device)
        this.undo.set(this.placeRows, write.row.device, { ...write.row })
        break
      case 'frame':
        this.frame(write.row)
        break
      case 'judgement': {
        const { campaign, windowMs, sensor, device } = write.row
        this.knows('campaign', campaign)
        this.knows('sensor', sensor)
        this.knows('device', device)
        this.undo.set(this.judgementRows, `${campaign}/${windowMs}/${sensor}`, { ...write.row })
        break
      }
      case 'window': {
        const { campaign, windowMs, cell } = write.row
        this.knows('campaign', campaign)
        this.undo.set(this.windowRows, `${campaign}/${windowMs}/${cell}`, { ...write.row })
      }
    }
  }

  /** Whether the row is there. */
  has(what: 'sensor' | 'profile' | 'campaign', id: string): boolean {
    return this[`${what}Rows`].has(id)
  }

  places(): PlaceRow[] {
    return sorted(copies(this.placeRows.values()), row => row.device)
  }

  sensors(): SensorRow[] {
    return sorted(copies(this.sensorRows.values()), row => row.id)
  }

  profile(id: string): ProfileRow | null {
    return copyOf(this.profileRows.get(id))
  }

  frameIdMax(): number {
    let max = 0
    for (const id of this.frameRows.keys()) max = Math.max(max, id)
    return max
  }

  framesAbove(id: number): FrameRow[] {
    return copies(this.frameRows.values())
      .filter(row => row.id > id)
      .sort((a, b) => a.id - b.id)
  }

  hasFrame(device: string, seq: number): boolean {
    return this.frameKeys.has(`${device}/${seq}`)
  }

  *frames(filter: FramesFilter): Iterable<FrameRow> {
    const { newestFirst, limit } = filter
    const rows = [...this.frameRows.values()].filter(row => this.isWanted(row, filter))
    const ascending = rows.sort((a, b) => a.fromMs - b.fromMs || a.id - b.id)
    for (const row of (newestFirst ? ascending.reverse() : ascending).slice(0, limit)) yield { ...row }
  }

  campaigns({ states, submitter, limit }: CampaignsFilter = {}): CampaignRow[] {
    const wanted = copies(this.campaignRows.values())
      .reverse()
      .filter(row => (!states || states.includes(row.state)) && isOrAny(submitter, row.submitter))
    return wanted.slice(0, limit)
  }

  campaign(id: string): CampaignRow | null {
    return copyOf(this.campaignRows.get(id))
  }

  judgements(filter: JudgementsFilter): JudgementRow[] {
    const { campaign, sensor, device } = filter
    const wanted = copies(this.judgementRows.values()).filter(
      row =>
        isOrAny(campaign, row.campaign) &&
        isOrAny(sensor, row.sensor) &&
        isOrAny(device, row.device) &&
        isWithin(row.windowMs, filter),
    )
    const order = (a: JudgementRow, b: JudgementRow) =>
      a.windowMs - b.windowMs || byText(a.sensor, b.sensor) || byText(a.campaign, b.campaign)
    return wanted.sort(order).slice(0, filter.limit)
  }

  windows(filter: WindowsFilter): WindowRow[] {
    const wanted = copies(this.windowRows.values()).filter(
      row => row.campaign === filter.campaign && isOrAny(filter.cell, row.cell) && isWithin(row.windowMs, filter),
    )
    const sign = filter.newestFirst ? -1 : 1
    const order = (a: WindowRow, b: WindowRow) => sign * (a.windowMs - b.windowMs) || byText(a.cell, b.cell)
    return wanted.sort(order).slice(0, filter.limit)
  }

  private frame(row: FrameRow): void {
    const key = `${row.device}/${row.seq}`
    this.knows('device', row.device)
    this.knows('profile', row.profile)
    assert(!this.frameRows.has(row.id), `a commit keeps the rules of the schema: frame ${row.id} is there already`)
    assert(!this.frameKeys.has(key), `a commit keeps the rules of the schema: frame ${key} is there already`)
    this.undo.set(this.frameRows, row.id, { ...row })
    this.undo.set(this.frameKeys, key, row.id)
  }

  private isWanted(row: FrameRow, filter: FramesFilter): boolean {
    const { sensor, quantity, device, idMax, fromMs, toMs } = filter
    if (!isOrAny(device, row.device) || (idMax !== undefined && row.id > idMax)) return false
    if ((fromMs !== undefined && row.toMs <= fromMs) || (toMs !== undefined && row.fromMs >= toMs)) return false
    if (sensor === undefined && quantity === undefined) return true
    const channels = this.profileRows.get(row.profile)?.channels ?? []
    return channels.some(channel => isOrAny(sensor, channel.sensor) && isOrAny(quantity, channel.quantity))
  }

  private knows(what: 'device' | 'sensor' | 'profile' | 'campaign', id: string): void {
    const known = what === 'device' ? this.hasDevice(id) : this.has(what, id)
    assert(known, `${what} ${id} is there before rows that name it`)
  }
}

function isOrAny<T>(wanted: T | undefined, value: T): boolean {
  return wanted === undefined || wanted === value
}

function isWithin(atMs: number, { fromMs, toMs }: { fromMs?: number; toMs?: number }): boolean {
  return (fromMs === undefined || atMs >= fromMs) && (toMs === undefined || atMs < toMs)
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
