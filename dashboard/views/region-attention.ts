/** What somebody should look at, the worst first: what happened, why, and where it is shown. */
import type { Device, Job, Region } from '../../coordinator/http/admin-api.ts'
import type { Ready } from '../../coordinator/http/health-api.ts'
import type { PublicCell } from '../../coordinator/http/live-api.ts'
import type { SensorSummary } from '../../protocol/index.ts'
import { linkTo, linkWith } from '../links.ts'
import { quantityLabel } from '../map/quantity-words.ts'
import { counted, sentence } from '../ui/format.ts'
import { type DeviceState, nameOf, reasonOf, stateOf } from './devices-state.ts'
import { isStuck, jobNameOf } from './jobs-state.ts'

/** One thing to look at. */
export interface Attention {
  /** Differs from that of every other one. */
  readonly key: string
  readonly tone: 'warn' | 'bad'
  /** What happened. */
  readonly title: string
  /** Why, as far as it is known. */
  readonly detail: string
  /** Where it is shown; none when it is about the region itself. */
  readonly href: string | null
}

/** What is known of a region; what somebody may not see is empty or null. */
export interface Known {
  readonly region: Region | null
  readonly ready: Ready | null
  readonly devices: readonly Device[]
  readonly jobs: readonly Job[]
  readonly sensors: readonly SensorSummary[]
  readonly cells: readonly PublicCell[]
  /** Why jobs that get nowhere do not, by their id. */
  readonly stuckReasons: ReadonlyMap<string, string>
}

/** Named one by one up to here; more of a kind are counted. */
const NAMED_MAX = 3

export function attentionOf(known: Known): Attention[] {
  const found = [
    ...ofRegion(known),
    ...ofDevices(known.devices, 'caught', 'bad', 'was caught', 'were caught'),
    ...ofJobs(known),
    ...ofDevices(known.devices, 'offline', 'warn', 'is offline', 'are offline'),
    ...ofSensors(known.sensors),
    ...ofCells(known.cells),
  ]
  return [...found.filter(({ tone }) => tone === 'bad'), ...found.filter(({ tone }) => tone === 'warn')]
}

function ofRegion({ region, ready }: Known): Attention[] {
  const failing = (ready?.checks ?? []).filter(({ ok }) => !ok)
  const found = failing.map(
    ({ name, says }): Attention => ({ key: `ready ${name}`, tone: 'bad', title: says, detail: '', href: null }),
  )
  if (region === null || region.maintenance === null) return found
  const title = 'No work is handed out.'
  return [...found, { key: 'maintenance', tone: 'warn', title, detail: sentence(region.maintenance), href: null }]
}

function ofDevices(
  all: readonly Device[],
  state: DeviceState,
  tone: Attention['tone'],
  one: string,
  more: string,
): Attention[] {
  const devices = all.filter(device => stateOf(device) === state)
  if (devices.length > NAMED_MAX) {
    const title = `${counted(devices.length, 'device')} ${more}`
    return [{ key: state, tone, title, detail: '', href: linkWith(['devices'], { state }) }]
  }
  return devices.map(device => ({
    key: device.id,
    tone,
    title: `${nameOf(device)} ${one}`,
    detail: state === 'offline' ? `Its owner is ${device.owner}.` : reasonOf(device),
    href: linkTo('devices', device.id),
  }))
}

function ofJobs({ jobs, stuckReasons }: Known): Attention[] {
  const stuck = jobs.filter(isStuck)
  if (stuck.length > NAMED_MAX) {
    const title = `${counted(stuck.length, 'job')} get nowhere`
    return [{ key: 'stuck', tone: 'warn', title, detail: '', href: linkWith(['jobs'], { state: 'running' }) }]
  }
  return stuck.map(job => ({
    key: job.id,
    tone: 'warn',
    title: `${jobNameOf(job)} gets nowhere`,
    detail: stuckReasons.get(job.id) ?? 'No device is at work on it.',
    href: linkTo('jobs', job.id),
  }))
}

function ofSensors(sensors: readonly SensorSummary[]): Attention[] {
  return sensors
    .filter(({ rival }) => rival !== null)
    .slice(0, NAMED_MAX)
    .map(({ id, model, device, deviceLabel }) => ({
      key: `sensor ${id}`,
      tone: 'bad',
      title: `Two devices announce the same ${model}`,
      detail: `Sensor ${id} is also at ${deviceLabel === '' ? device : deviceLabel}.`,
      href: linkTo('devices', device),
    }))
}

function ofCells(cells: readonly PublicCell[]): Attention[] {
  const failing = cells.filter(({ value, readings }) => value === null && readings > 0)
  const byQuantity = Map.groupBy(failing, ({ quantity }) => quantity)
  return [...byQuantity].map(([quantity, of]) => ({
    key: `cells ${quantity}`,
    tone: 'warn',
    title: `${quantityLabel(quantity)}: no reading was accepted in ${counted(of.length, 'cell')}`,
    detail: 'The map shows what the checks found.',
    href: linkTo('map'),
  }))
}
