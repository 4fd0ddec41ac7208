/** The sensors of this device: opened when there are any, tried again while they cannot be, told apart by their identities. */
import type { Sensor } from '../../hardware/sensor.ts'
import type { SensorConfig } from '../../hardware/sensor-config.ts'
import {
  AssertionError,
  type Calibration,
  type Clock,
  clipText,
  type DeviceId,
  decodeSensors,
  encodeSensors,
  LIMITS,
  messageOf,
  ProtocolError,
  type Random,
  type SensorId,
  type SensorInfo,
  sensorIdOf,
  type Timer,
} from '../../protocol/index.ts'
import { Emitter } from '../emitter.ts'
import { retryDelayMs } from '../link/backoff.ts'
import type { Log } from '../log.ts'
import { SensorLook } from './sensor-look.ts'
import type { KnownSensor } from './streams.ts'

/** A sensor as it was opened. */
export interface OpenSensor {
  readonly sensor: Sensor
  /** Tells it from the device's other sensors when its hardware has no serial number. 1..36 bytes. */
  readonly place: string
  /** By channel. */
  readonly calibrations: readonly (Calibration | null)[]
}

/** Opens what one entry of the owner's list means. @throws {HardwareError} when it cannot be opened now */
export type OpenSensors = (config: SensorConfig) => Promise<readonly OpenSensor[]>

export interface SensorSetComponents {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly openSensors: OpenSensors
}

export interface SensorSetInit {
  readonly device: DeviceId
  readonly configs: readonly SensorConfig[]
}

/** An open sensor with its identity. */
export interface HeldSensor {
  readonly info: SensorInfo
  readonly known: KnownSensor
  readonly sensor: Sensor
  readonly look: SensorLook
}

interface Entry {
  readonly config: SensorConfig
  readonly sensors: { readonly open: OpenSensor; readonly look: SensorLook }[]
  failures: number
  /** Why it is not open; empty when it is, or was not tried yet. */
  trouble: string
  timer: Timer | null
}

const OPEN_BACKOFF = { firstMs: 10_000, maxMs: 300_000 }
/** What has not opened by then is announced when it has. */
const FIRST_ROUND_MS = 10_000

export class SensorSet {
  /** `changed`: a sensor came, or is another one than before. */
  readonly events = new Emitter<{ changed: null }>()
  readonly #components: SensorSetComponents
  readonly #device: DeviceId
  readonly #entries: Entry[]
  #held = new Map<SensorId, HeldSensor>()
  /** Sensors that cannot be announced, in sentences. */
  #refused: string[] = []
  #settled = false
  #firstRound: Timer | null = null
  #closed = false

  constructor(components: SensorSetComponents, init: SensorSetInit) {
    this.#components = components
    this.#device = init.device
    this.#entries = init.configs.map(config => ({ config, sensors: [], failures: 0, trouble: '', timer: null }))
  }

  /** Entries of the owner's list. */
  get configured(): number {
    return this.#entries.length
  }

  /** Whether each has been tried, so that the set says what the device has. */
  get settled(): boolean {
    return this.#settled
  }

  get held(): ReadonlyMap<SensorId, HeldSensor> {
    return this.#held
  }

  start(): void {
    if (this.#entries.length === 0) {
      this.#settled = true
      return
    }
    this.#firstRound = this.#components.clock.setTimeout(() => this.#settle(), FIRST_ROUND_MS)
    void Promise.all(this.#entries.map(entry => this.#open(entry))).then(() => this.#settle())
  }

  /** Looks whether sensors have learnt who they are since: some find their serial number only while they run. */
  refresh(): void {
    const before = [...this.#held.keys()].join()
    this.#identify()
    if ([...this.#held.keys()].join() !== before && this.#settled) this.events.emit('changed', null)
  }

  /** What is wrong, and what to do, in sentences; empty when nothing is. */
  troubles(): string[] {
    const closed = this.#entries.flatMap(({ config, trouble }) =>
      trouble === '' ? [] : [`The sensor ${nameOf(config)} cannot be opened: ${trouble}`],
    )
    const ill = [...this.#held.values()].flatMap(({ sensor, info }) => {
      const { state, advice } = sensor.health()
      return state === 'ok'
        ? []
        : [`The sensor ${info.model} ${info.serial} is ${state.replace('_', ' ')}. ${advice}`.trim()]
    })
    return [...closed, ...this.#refused, ...ill]
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#firstRound?.cancel()
    for (const { timer } of this.#entries) timer?.cancel()
    const sensors = this.#entries.flatMap(entry => entry.sensors.splice(0))
    for (const { look } of sensors) look.close()
    await Promise.all(sensors.map(({ open }) => this.#closeOne(open.sensor)))
  }

  async #open(entry: Entry): Promise<void> {
    const { clock, log, random, openSensors } = this.#components
    try {
      const opened = await openSensors(entry.config)
      if (this.#closed) {
        await Promise.all(opened.map(({ sensor }) => this.#closeOne(sensor)))
        return
      }
      for (const open of opened) entry.sensors.push({ open, look: new SensorLook(clock, log, open.sensor) })
      entry.trouble = ''
      log({ level: 'info', event: 'sensor_opened', driver: entry.config.driver, sensors: opened.length })
      this.refresh()
    } catch (thrown) {
      if (thrown instanceof AssertionError) throw thrown
      if (this.#closed) return
      entry.failures += 1
      if (entry.trouble !== messageOf(thrown)) {
        log({ level: 'warn', event: 'sensor_not_opened', driver: entry.config.driver, reason: messageOf(thrown) })
      }
      entry.trouble = messageOf(thrown)
      const delayMs = retryDelayMs(entry.failures, OPEN_BACKOFF, random)
      entry.timer = clock.setTimeout(() => void this.#open(entry), delayMs)
    }
  }

  #settle(): void {
    this.#firstRound?.cancel()
    if (this.#settled || this.#closed) return
    this.#settled = true
    this.events.emit('changed', null)
  }

  #identify(): void {
    const held = new Map<SensorId, HeldSensor>()
    this.#refused = []
    for (const { open, look } of this.#entries.flatMap(entry => entry.sensors)) {
      const one = this.#identityOf(open, look)
      if (held.has(one.info.sensor)) {
        this.#refused.push(`Two sensors say that they are ${one.info.model} ${one.info.serial}; only one is used.`)
      } else if (!isAnnounceable(one.info)) {
        this.#refused.push(`The sensor ${one.info.model} ${one.info.serial} says of itself what cannot be announced.`)
      } else if (held.size < LIMITS.sensorsMax) {
        const before = this.#held.get(one.info.sensor)
        held.set(one.info.sensor, before?.sensor === one.sensor ? before : one)
      }
    }
    this.#held = held
  }

  #identityOf({ sensor, place, calibrations }: OpenSensor, look: SensorLook): HeldSensor {
    const { model, channels } = sensor
    const serial = clipText(sensor.serial ?? `${this.#device}/${place}`, LIMITS.sensorTextBytesMax)
    const info = { sensor: sensorIdOf(model, serial), model, serial, channels }
    const known = { model, serial, channels, calibrations, recorded: sensor.recordings !== undefined }
    return { info, known, sensor, look }
  }

  async #closeOne(sensor: Sensor): Promise<void> {
    try {
      await sensor.close()
    } catch (thrown) {
      this.#components.log({
        level: 'debug',
        event: 'sensor_not_closed',
        model: sensor.model,
        reason: messageOf(thrown),
      })
    }
  }
}

function nameOf(config: SensorConfig): string {
  const { driver, name } = config
  if (name !== undefined) return `'${name}' (${driver})`
  return 'port' in config ? `${driver} on ${config.port}` : driver
}

/** Whether the region's decoder takes it; a driver that breaks a rule must not silence the others. */
function isAnnounceable(info: SensorInfo): boolean {
  try {
    decodeSensors(encodeSensors({ session: 0, seq: 0, location: null, sensors: [info] }))
    return true
  } catch (thrown) {
    if (thrown instanceof ProtocolError) return false
    throw thrown
  }
}
