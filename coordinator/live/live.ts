/**
 * Tells whoever watches the region what changes in it. What changed is worked out once a second for each role, not for each listener, and
 * not at all while nobody listens.
 */
import type { CampaignId, Clock, JobId, Timer } from '../../protocol/index.ts'
import type { Device, Job } from '../http/admin-api.ts'
import type { LiveEventName, LiveEvents, PublicCell } from '../http/live-api.ts'
import type { Role } from '../http/session-api.ts'
import type { CampaignRow, WindowRow } from '../store/rows.ts'
import { DeviceChanges, type DeviceChangesComponents } from './device-changes.ts'
import { eventText } from './events.ts'
import type { PublicCellBook } from './public-cells.ts'
import { readStates, type State, type StateComponents } from './states.ts'

/** Somebody who watches. */
export interface Listener {
  readonly role: Role
  /** Of an owner or a submitter; null for others. */
  readonly name: string | null
  /** Takes events. Whoever made the listener cuts it off when it cannot take them in time. */
  send(bytes: Uint8Array): void
  /** Whether the token still holds; asked every 15 s. */
  isCurrent(): boolean
  /** Ends it. */
  close(): void
}

export interface LiveComponents extends DeviceChangesComponents, StateComponents {
  clock: Pick<Clock, 'setTimeout'>
  cells: Pick<PublicCellBook, 'all' | 'note'>
  /** A job as people see it; null when it cannot be shown. */
  job(id: JobId): Job | null
  /** A campaign that runs. */
  campaign(id: CampaignId): CampaignRow | undefined
}

export interface LiveInit {
  /** Whether cells are shown to everybody; otherwise the operator alone sees them. */
  openData: boolean
}

const TICK_MS = 50
/** One flush a second. */
const TICKS_PER_FLUSH = 20
const TICKS_PER_PING = 300
/** Told of at once; others follow. */
const JOBS_TOLD_MAX = 200
const CELLS_TOLD_MAX = 1_000

const encoder = new TextEncoder()
const PING = encoder.encode(': ping\n\n')

export class Live {
  private readonly components: LiveComponents
  private readonly init: LiveInit
  private readonly listeners = new Set<Listener>()
  private readonly devices: DeviceChanges
  private readonly jobs = new Set<JobId>()
  private readonly cells = new Map<string, PublicCell>()
  /** What was told last of each state. */
  private readonly told = new Map<LiveEventName, string>()
  private timer: Timer | null = null
  private ticks = 0

  constructor(components: LiveComponents, init: LiveInit) {
    this.components = components
    this.init = init
    this.devices = new DeviceChanges(components)
  }

  /** Listeners at present. */
  get size(): number {
    return this.listeners.size
  }

  /** Tells a listener how things are, and from then on what changes, until it is to {@link leave}. */
  async join(listener: Listener): Promise<void> {
    const states = await readStates(this.components)
    if (seesDevices(listener) && !this.someSeeDevices()) this.devices.begin()
    if (this.listeners.size === 0) this.begin(states)
    this.listeners.add(listener)
    listener.send(encoder.encode(states.map(({ text }) => text).join('')))
  }

  /** Tells a listener nothing any more. */
  leave(listener: Listener): void {
    this.listeners.delete(listener)
    if (!this.someSeeDevices()) this.devices.forget()
    if (this.listeners.size > 0) return
    this.timer?.cancel()
    this.timer = null
    this.jobs.clear()
    this.cells.clear()
  }

  /** A job has begun, changed or ended. */
  noteJob(id: JobId): void {
    if (this.listeners.size > 0) this.jobs.add(id)
  }

  /** Windows of a campaign were judged. */
  noteWindows(id: CampaignId, windows: readonly WindowRow[]): void {
    const campaign = this.components.campaign(id)
    if (campaign === undefined) return
    const changed = this.components.cells.note(campaign, windows)
    if (this.listeners.size === 0) return
    for (const cell of changed) this.cells.set(`${id}/${cell.cell}`, cell)
  }

  /** Ends all. */
  close(): void {
    for (const listener of [...this.listeners]) this.end(listener)
  }

  private begin(states: readonly State[]): void {
    for (const { name, sign } of states) this.told.set(name, sign)
    this.components.cells.all()
    this.schedule()
  }

  private schedule(): void {
    this.timer = this.components.clock.setTimeout(() => this.tick(), TICK_MS)
  }

  private tick(): void {
    this.schedule()
    this.ticks++
    if (this.someSeeDevices()) this.devices.scan(TICKS_PER_FLUSH)
    if (this.ticks % TICKS_PER_FLUSH === 0) void this.flush()
    if (this.ticks % TICKS_PER_PING === 0) this.ping()
  }

  private ping(): void {
    for (const listener of [...this.listeners]) {
      if (listener.isCurrent()) listener.send(PING)
      else this.end(listener)
    }
  }

  private end(listener: Listener): void {
    this.leave(listener)
    listener.close()
  }

  private async flush(): Promise<void> {
    const states = await readStates(this.components)
    const news = states.filter(({ name, sign }) => this.told.get(name) !== sign)
    for (const { name, sign } of news) this.told.set(name, sign)
    const changes: Changes = {
      states: news.map(({ text }) => text).join(''),
      cells: listText('cells', takeSome(this.cells, CELLS_TOLD_MAX)),
      devices: this.devices.take(),
      jobs: this.takeJobs(),
    }
    const texts = new Map<string, Uint8Array>()
    for (const listener of [...this.listeners]) {
      const key = `${listener.role} ${listener.name}`
      const bytes = texts.get(key) ?? encoder.encode(this.textFor(listener, changes))
      texts.set(key, bytes)
      if (bytes.length > 0) listener.send(bytes)
    }
  }

  private takeJobs(): Job[] {
    const ids = [...this.jobs].slice(0, JOBS_TOLD_MAX)
    for (const id of ids) this.jobs.delete(id)
    return ids.map(id => this.components.job(id)).filter(job => job !== null)
  }

  private textFor({ role, name }: Listener, { states, cells, devices, jobs }: Changes): string {
    const isOperator = role === 'operator'
    const seen = (isMine: boolean): boolean => isOperator || isMine
    return [
      states,
      seen(this.init.openData) ? cells : '',
      listText(
        'devices',
        devices.filter(({ owner }) => seen(role === 'owner' && owner === name)),
      ),
      listText(
        'jobs',
        jobs.filter(({ submitter }) => seen(role === 'submitter' && submitter === name)),
      ),
    ].join('')
  }

  private someSeeDevices(): boolean {
    return [...this.listeners].some(seesDevices)
  }
}

/** What is told in one second. */
interface Changes {
  states: string
  cells: string
  devices: readonly Device[]
  jobs: readonly Job[]
}

const seesDevices = ({ role }: Listener): boolean => role === 'operator' || role === 'owner'

interface Lists {
  cells: PublicCell
  devices: Device
  jobs: Job
}

function listText<Name extends keyof Lists>(name: Name, rows: readonly Lists[Name][]): string {
  return rows.length === 0 ? '' : eventText(name, { [name]: rows } as unknown as LiveEvents[Name])
}

function takeSome<Value>(map: Map<string, Value>, max: number): Value[] {
  const some = [...map].slice(0, max)
  for (const [key] of some) map.delete(key)
  return some.map(([, value]) => value)
}
