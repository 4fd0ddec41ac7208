/**
 * What the region itself has seen of its devices: time on offer, time at work, and what it paid them for. Nothing that a device merely
 * says of itself counts, except that it is there and up to {@link SLOTS_BELIEVED} slots.
 */
import type { DeviceId } from '../../protocol/index.ts'

/** Slots that a device is believed to have before they were in use at once: a Raspberry Pi has four cores. */
export const SLOTS_BELIEVED = 4
/** A device that has not been there for so many epochs has no say any more. */
export const ABSENT_EPOCHS_MAX = 30

/** What the newest check weighs among all. */
export const CHECK_WEIGHT = 1 / 4

/** What one device has done. */
export interface DeviceActivity {
  /** Of this epoch: slots times milliseconds on offer, and at work. */
  offeredMs: number
  busyMs: number
  /** Paid for in this epoch. */
  fuel: number
  readings: number
  /** Most slots that were in use at once. */
  slotsUsed: number
  /** Fuel and slot time of the epochs in which it worked, each older one an eighth less: their ratio is the device's speed. */
  speedFuel: number
  speedMs: number
  /** What its speed comes to in the time it was on offer, in fuel an epoch; the most readings of any epoch. Fades while it is not there. */
  fuelProven: number
  readingsProven: number
  /** What it has returned in checks, in fuel a second: each check counts a quarter, and all before it three quarters. */
  fuelChecked: number
  /** Epochs since it was there last. */
  absentEpochs: number
}

/** Of one kind of sensor on one device, in milliseconds of this epoch. */
export interface SensorActivity {
  offeredMs: number
  busyMs: number
}

/** A device as it is at a moment. */
export interface DeviceMoment {
  readonly device: DeviceId
  /** That it says it has; 0 while it takes no work. */
  readonly slots: number
  readonly leasesOut: number
  /** Whether it would take work at the price in force. */
  readonly isWilling: boolean
}

/** A device's sensors of one quantity at a moment. */
export interface SensorMoment {
  readonly device: DeviceId
  readonly quantity: string
  readonly isMeasuring: boolean
}

/** Sums of an epoch. */
export interface Use {
  /** By those who were content with the price, and by others while they were at work all the same. */
  willingMs: number
  busyMs: number
}

const emptyUse = (): Use => ({ willingMs: 0, busyMs: 0 })

export class Activity {
  private readonly devices = new Map<DeviceId, DeviceActivity>()
  private readonly sensorsByQuantity = new Map<string, Map<DeviceId, SensorActivity>>()
  /** For jobs. */
  slotUse: Use = emptyUse()
  private readonly sensorUse = new Map<string, Use>()

  all(): ReadonlyMap<DeviceId, Readonly<DeviceActivity>> {
    return this.devices
  }

  of(device: DeviceId): Readonly<DeviceActivity> | undefined {
    return this.devices.get(device)
  }

  /** Quantities that some device measured or could have measured in this epoch. */
  quantities(): IterableIterator<string> {
    return this.sensorsByQuantity.keys()
  }

  sensors(quantity: string): ReadonlyMap<DeviceId, Readonly<SensorActivity>> {
    return this.sensorsByQuantity.get(quantity) ?? new Map()
  }

  useOf(quantity: string): Readonly<Use> {
    return this.sensorUse.get(quantity) ?? emptyUse()
  }

  /** A device was there for so long, as it is now. */
  seeDevice({ device, slots, leasesOut, isWilling }: DeviceMoment, elapsedMs: number): void {
    const busy = Math.min(leasesOut, slots)
    if (slots === 0) return
    const activity = this.entry(device)
    activity.slotsUsed = Math.max(activity.slotsUsed, busy)
    const offered = Math.min(slots, Math.max(SLOTS_BELIEVED, activity.slotsUsed))
    activity.offeredMs += offered * elapsedMs
    activity.busyMs += busy * elapsedMs
    this.slotUse.willingMs += (isWilling ? offered : busy) * elapsedMs
    this.slotUse.busyMs += busy * elapsedMs
  }

  /** A device had sensors of a quantity for so long. One device counts once, however many sensors it says it has. */
  seeSensor({ device, quantity, isMeasuring }: SensorMoment, isWilling: boolean, elapsedMs: number): void {
    let devices = this.sensorsByQuantity.get(quantity)
    if (devices === undefined) {
      devices = new Map()
      this.sensorsByQuantity.set(quantity, devices)
    }
    const seen = devices.get(device) ?? { offeredMs: 0, busyMs: 0 }
    const busyMs = isMeasuring ? elapsedMs : 0
    seen.offeredMs += elapsedMs
    seen.busyMs += busyMs
    devices.set(device, seen)
    const use = this.sensorUse.get(quantity) ?? emptyUse()
    use.willingMs += isWilling ? elapsedMs : busyMs
    use.busyMs += busyMs
    this.sensorUse.set(quantity, use)
  }

  /** A device was paid for so much fuel. */
  paidFuel(device: DeviceId, fuel: number): void {
    this.entry(device).fuel += fuel
  }

  /** A device was paid for so many readings. */
  paidReadings(device: DeviceId, readings: number): void {
    this.entry(device).readings += readings
  }

  /**
   * Takes what a check has found. Whoever was not there counts with nothing, so that capacity that answers now under one name and now
   * under another adds up to no more than it is.
   * @param fuelPerSecond - of those who answered
   */
  checked(fuelPerSecond: ReadonlyMap<DeviceId, number>): void {
    for (const device of fuelPerSecond.keys()) this.entry(device)
    for (const [device, activity] of this.devices) {
      const found = fuelPerSecond.get(device) ?? 0
      activity.fuelChecked = Math.floor(activity.fuelChecked * (1 - CHECK_WEIGHT) + found * CHECK_WEIGHT)
    }
  }

  /**
   * Takes what this epoch has proven into account; called before it is judged.
   * @param lookMs - distance of looks: less time at work than that may just not have been seen
   */
  prove(lookMs: number): void {
    for (const [device, activity] of this.devices) {
      const { offeredMs, busyMs, fuel, readings } = activity
      if (busyMs + fuel > 0) {
        activity.speedFuel = (activity.speedFuel * 7) / 8 + fuel
        activity.speedMs = (activity.speedMs * 7) / 8 + busyMs
      }
      if (offeredMs + fuel + readings > 0) {
        activity.absentEpochs = 0
        activity.fuelProven = Math.floor((activity.speedFuel / Math.max(activity.speedMs, lookMs)) * offeredMs)
        activity.readingsProven = Math.max(activity.readingsProven, readings)
      } else {
        activity.absentEpochs++
        activity.fuelProven = Math.floor((activity.fuelProven * 7) / 8)
        activity.readingsProven = Math.floor((activity.readingsProven * 7) / 8)
      }
      if (activity.absentEpochs > ABSENT_EPOCHS_MAX) this.devices.delete(device)
    }
  }

  /** Begins to measure anew; what was proven stays. */
  begin(): void {
    for (const activity of this.devices.values()) {
      Object.assign(activity, { offeredMs: 0, busyMs: 0, fuel: 0, readings: 0 })
    }
    this.sensorsByQuantity.clear()
    this.sensorUse.clear()
    this.slotUse = emptyUse()
  }

  /** What has to outlive a restart, as text. */
  toText(): string {
    return JSON.stringify([...this.devices].map(([device, activity]) => [device, ...KEPT.map(key => activity[key])]))
  }

  static fromText(text: string | null): Activity {
    const activity = new Activity()
    const rows = text === null ? [] : (JSON.parse(text) as [DeviceId, ...number[]][])
    for (const [device, ...values] of rows) {
      const entry = activity.entry(device)
      for (const [index, key] of KEPT.entries()) entry[key] = values[index] ?? 0
    }
    return activity
  }

  private entry(device: DeviceId): DeviceActivity {
    let activity = this.devices.get(device)
    if (activity === undefined) {
      activity = {
        offeredMs: 0,
        busyMs: 0,
        fuel: 0,
        readings: 0,
        slotsUsed: 0,
        speedFuel: 0,
        speedMs: 0,
        fuelProven: 0,
        readingsProven: 0,
        absentEpochs: 0,
        fuelChecked: 0,
      }
      this.devices.set(device, activity)
    }
    return activity
  }
}

/** Everything but what is of the running epoch. */
const KEPT = [
  'slotsUsed',
  'speedFuel',
  'speedMs',
  'fuelProven',
  'readingsProven',
  'absentEpochs',
  'fuelChecked',
] as const
