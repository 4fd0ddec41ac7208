/** Which sensors measure for a campaign: every cell gets enough, the longest-serving first, and a few to compare with. */
import type { CampaignArea, CampaignSpec, DeviceId, Location, OwnerName, SensorId } from '../../protocol/index.ts'
import type { Assignment } from './campaign.ts'
import { cellOf } from './geography.ts'
import type { KnownSensor, Registry } from './registry.ts'
import type { NotAsked } from './sensor-passes.ts'

/** Sensors asked for beyond those paid: neighbours for the checks, and replacements. */
const SPARE_FACTOR = 2
/** Of one quantity on one device: two can be compared with each other, a third adds nothing. */
const TWINS_MAX = 2

/** A device as the choice sees it. */
export interface Candidate {
  readonly device: DeviceId
  readonly owner: OwnerName
  readonly label: string
  /** Why none of its sensors is asked; null while they may be. */
  readonly barred: Barred | null
}

type Barred = Pick<NotAsked, 'kind' | 'reason'>

/** Why a sensor that measures the quantity is not asked. */
export interface Exclusion extends NotAsked {
  readonly device: DeviceId
}

export interface Choice {
  readonly assigned: ReadonlyMap<SensorId, Assignment>
  readonly excluded: readonly Exclusion[]
}

/** Deterministic: the same registry and devices give the same choice. */
export function chooseSensors(
  spec: CampaignSpec,
  registry: Registry,
  candidates: ReadonlyMap<DeviceId, Candidate>,
): Choice {
  const excluded: Exclusion[] = []
  const byCell = new Map<string, Map<DeviceId, Offer[]>>()
  for (const known of [...registry.all()].sort(bySeniority)) {
    const channel = known.channels.findIndex(({ quantity }) => quantity === spec.quantity)
    if (channel < 0) continue
    const offer = offerOf(spec, registry, candidates, known, channel)
    if ('kind' in offer) {
      excluded.push({ sensor: known.row.id, device: known.row.device, ...offer })
      continue
    }
    const devices = byCell.get(offer.cell) ?? new Map<DeviceId, Offer[]>()
    byCell.set(offer.cell, devices.set(offer.device, [...(devices.get(offer.device) ?? []), offer]))
  }
  const assigned = new Map<SensorId, Assignment>()
  for (const devices of byCell.values()) {
    let places = spec.paidPerCell * SPARE_FACTOR
    for (const offers of devices.values()) {
      const taken = places > 0 ? offers.slice(0, TWINS_MAX) : []
      for (const offer of taken) assigned.set(offer.sensor, offer)
      for (const { sensor, device } of offers.slice(taken.length)) {
        excluded.push({ sensor, device, ...(taken.length === 0 ? CELL_FULL : TWINS) })
      }
      places--
    }
  }
  return { assigned, excluded }
}

type Offer = Assignment

const CELL_FULL: Barred = { kind: 'cell_full', reason: 'its cell has enough sensors of longer standing' }
const TWINS: Barred = { kind: 'twins', reason: 'its device has two already' }
const STRANGER: Barred = { kind: 'stranger', reason: 'its device does not belong to the region' }
const NO_PLACE: Barred = { kind: 'no_place', reason: 'its device has not said where it stands' }
const OUTSIDE: Barred = { kind: 'outside', reason: "it is outside the campaign's area" }

function offerOf(
  spec: CampaignSpec,
  registry: Registry,
  candidates: ReadonlyMap<DeviceId, Candidate>,
  { row }: KnownSensor,
  channel: number,
): Offer | Barred {
  const candidate = candidates.get(row.device)
  if (candidate === undefined) return STRANGER
  if (candidate.barred !== null) return candidate.barred
  const place = registry.place(row.device)
  if (place === undefined) return NO_PLACE
  const cell = cellOf(place, spec.resolution)
  if (!liesIn(spec.area, place, cell, candidate.label)) return OUTSIDE
  const { latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor } = place
  return {
    sensor: row.id,
    device: row.device,
    owner: candidate.owner,
    cell,
    place: { latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor },
    channel,
  }
}

function liesIn(area: CampaignArea, place: Location, cell: string, label: string): boolean {
  if ('cells' in area) return area.cells.includes(cell)
  if ('labels' in area) return area.labels.includes(label)
  const [south, west, north, east] = area.box
  const latitude = place.latitudeMicroDeg / 1_000_000
  const longitude = place.longitudeMicroDeg / 1_000_000
  const across = west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east
  return latitude >= south && latitude <= north && across
}

function bySeniority(a: KnownSensor, b: KnownSensor): number {
  return a.row.placedSinceMs - b.row.placedSinceMs || (a.row.id < b.row.id ? -1 : 1)
}
