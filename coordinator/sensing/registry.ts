/** Which sensors the region knows, on which device each is, and where the devices stand. */
import type { DeviceId, Location, OwnerName, SensorChannel, SensorId, SensorInfo } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { PlaceRow, SensorRow } from '../store/rows.ts'
import { distanceM } from './geography.ts'
import { IdsByDevice } from './ids-by-device.ts'

/** A device that says it is this far from where it was has been moved; less is a better reading of the same place. */
const MOVED_M = 50

/** A sensor with its channels read. */
export interface KnownSensor {
  readonly row: SensorRow
  readonly channels: readonly SensorChannel[]
}

/** What the registry asks about devices. */
export interface RegistryPorts {
  ownerOf(device: DeviceId): OwnerName | null
  isOnline(device: DeviceId): boolean
}

export class Registry {
  private readonly placesByDevice = new Map<DeviceId, PlaceRow>()
  private readonly sensors = new Map<SensorId, KnownSensor>()
  /** The sensors on each device, and those that it claims although another one has them. */
  private readonly byDevice = new IdsByDevice()
  private readonly byRival = new IdsByDevice()
  /** What each connected device announced in its session. */
  private readonly announced = new Map<DeviceId, ReadonlySet<SensorId>>()
  private readonly ports: RegistryPorts

  constructor(places: Iterable<PlaceRow>, sensors: Iterable<SensorRow>, ports: RegistryPorts) {
    for (const row of places) this.placesByDevice.set(row.device, row)
    for (const row of sensors) this.keep(row)
    this.ports = ports
  }

  place(device: DeviceId): PlaceRow | undefined {
    return this.placesByDevice.get(device)
  }

  sensor(id: SensorId): KnownSensor | undefined {
    return this.sensors.get(id)
  }

  all(): IterableIterator<KnownSensor> {
    return this.sensors.values()
  }

  ofDevice(device: DeviceId): KnownSensor[] {
    return this.byDevice.of(device).flatMap(id => this.sensors.get(id) ?? [])
  }

  /** Whether the device has said in its present or last session that it holds this sensor now. */
  holds(device: DeviceId, sensor: SensorId): boolean {
    return this.announced.get(device)?.has(sensor) ?? this.sensors.get(sensor)?.row.device === device
  }

  /** Takes what a device says it has. */
  announce(
    device: DeviceId,
    location: Location | null,
    infos: readonly SensorInfo[],
    nowMs: number,
    batch: Batch,
  ): void {
    const moved = location !== null && this.placeDevice(device, location, nowMs, batch)
    this.announced.set(device, new Set(infos.map(({ sensor }) => sensor)))
    for (const info of infos) this.keepSensor(device, info, moved, nowMs, batch)
    for (const id of this.byRival.of(device)) {
      const row = this.sensors.get(id)?.row
      if (row !== undefined && !this.holds(device, id)) this.write({ ...row, rival: null }, batch)
    }
  }

  /** @returns whether it stood somewhere else before */
  private placeDevice(device: DeviceId, location: Location, nowMs: number, batch: Batch): boolean {
    const before = this.placesByDevice.get(device)
    const moved = before !== undefined && (distanceM(before, location) > MOVED_M || before.indoor !== location.indoor)
    const sinceMs = before === undefined || moved ? nowMs : before.sinceMs
    const row = { device, ...location, sinceMs }
    this.placesByDevice.set(device, row)
    if (before === undefined || !samePlace(before, row)) batch.write({ table: 'place', row })
    return moved
  }

  private keepSensor(device: DeviceId, info: SensorInfo, moved: boolean, nowMs: number, batch: Batch): void {
    const { sensor: id, model, serial } = info
    const channels = writeChannels(info.channels)
    const known = this.sensors.get(id)?.row
    if (known === undefined) {
      const row = { id, device, model, serial, channels, firstSeenMs: nowMs, placedSinceMs: nowMs, rival: null }
      this.write(row, batch)
      return
    }
    if (known.device !== device && this.isHeldElsewhere(known, id)) {
      if (known.rival !== device) this.write({ ...known, rival: device }, batch)
      return
    }
    const placedSinceMs = known.device !== device || moved ? nowMs : known.placedSinceMs
    const rival = known.rival === device ? null : known.rival
    const row = { ...known, device, model, serial, channels, placedSinceMs, rival }
    if (!sameSensor(known, row)) this.write(row, batch)
  }

  /** Two devices cannot hold one sensor: the one that is there and had it first keeps it. */
  private isHeldElsewhere(known: SensorRow, id: SensorId): boolean {
    return this.ports.isOnline(known.device) && this.holds(known.device, id)
  }

  private write(row: SensorRow, batch: Batch): void {
    this.keep(row)
    batch.write({ table: 'sensor', row })
  }

  private keep(row: SensorRow): void {
    const before = this.sensors.get(row.id)?.row
    this.byDevice.move(row.id, before?.device ?? null, row.device)
    this.byRival.move(row.id, before?.rival ?? null, row.rival)
    this.sensors.set(row.id, { row, channels: readChannels(row.channels) })
  }

  /** The same owner announces one sensor with two devices: it would be paid twice. */
  isCopied({ row }: KnownSensor): boolean {
    return row.rival !== null && this.ports.ownerOf(row.rival) === this.ports.ownerOf(row.device)
  }
}

const samePlace = (a: PlaceRow, b: PlaceRow): boolean =>
  a.latitudeMicroDeg === b.latitudeMicroDeg &&
  a.longitudeMicroDeg === b.longitudeMicroDeg &&
  a.elevationM === b.elevationM &&
  a.indoor === b.indoor

const sameSensor = (a: SensorRow, b: SensorRow): boolean =>
  a.device === b.device &&
  a.model === b.model &&
  a.serial === b.serial &&
  a.channels === b.channels &&
  a.placedSinceMs === b.placedSinceMs &&
  a.rival === b.rival

function writeChannels(channels: readonly SensorChannel[]): string {
  return JSON.stringify(channels.map(({ quantity, unit, exponent }) => [quantity, unit, exponent]))
}

/** The channels of a sensor's row. */
export function readChannels(json: string): SensorChannel[] {
  return (JSON.parse(json) as [string, string, number][]).map(([quantity, unit, exponent]) => ({
    quantity,
    unit,
    exponent,
  }))
}
