/** Devices with sensors on virtual time, one after another on the same disk, and a region that plans, tells the time and receives readings. */
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  chooseMembership,
  createDevice,
  type Device,
  type DeviceEvent,
  type DeviceStore,
  type DeviceStoreInit,
  identityOf,
  type OpenSensor,
  openDeviceStore,
} from '../../../../device/index.ts'
import type { Measurement, Recorded, Sensor } from '../../../../hardware/sensor.ts'
import {
  type Calibration,
  type Clock,
  decodeProfileMessage,
  decodeReading,
  decodeReadingHead,
  decodeSensors,
  decodeWelcome,
  encodePlan,
  encodeProfile,
  encodeWelcome,
  frameAad,
  HardwareError,
  type Location,
  METERING_VERSION,
  openSign1,
  type Plan,
  type Profile,
  peekSign1,
  profileIdOf,
  type ReadingFrame,
  regionIdOf,
  type SensorChannel,
  type SensorId,
  type Sensors,
  type Stream,
  seededRandom,
  sensorIdOf,
  sign1,
  type UplinkClass,
} from '../../../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'
import { FakeBlobs, FakeRunner } from '../../../support/device/fake-parts.ts'
import { type FarEnd, ScriptedLink } from '../../../support/device/scripted-link.ts'
import { ScriptedRegion } from '../../../support/device/scripted-region.ts'
import { settle, VirtualClock } from '../../../support/virtual-clock.ts'

export const TEMPERATURE: SensorChannel = { quantity: 'temperature', unit: 'Cel', exponent: -2 }
export const HUMIDITY: SensorChannel = { quantity: 'humidity', unit: '%RH', exponent: -2 }
/** The region's time when a world begins. */
export const BEGIN_MS = 1_800_000_000_000
export const SIGNER = nodeSigner(seededRandom('device').bytes(32))
export const DEVICE = identityOf(SIGNER).id

/** A value that a sensor gave, and when it truly was. */
export interface Given {
  readonly value: number
  readonly atMs: number
}

/** A sensor whose every value is larger than the one before, over all restarts of the device. */
export class CountingSensor implements Sensor {
  readonly model = 'counter'
  serial: string | null
  readonly channels: readonly SensorChannel[]
  readonly given: Given[] = []
  /** Answers instead of counting. */
  answer: (() => Promise<Measurement>) | null = null
  looks = 0
  opens = 0
  nowMs: () => number = () => 0
  /** The value with this number; by default the number itself. */
  valueAt: (index: number) => number = index => index

  constructor(serial: string | null = 'c1', channels: readonly SensorChannel[] = [TEMPERATURE]) {
    this.serial = serial
    this.channels = channels
  }

  async sample(): Promise<Measurement> {
    this.looks += 1
    if (this.answer !== null) return this.answer()
    const value = this.valueAt(this.given.length)
    this.given.push({ value, atMs: this.nowMs() })
    return { values: this.channels.map(() => value), faults: this.channels.map(() => null) }
  }

  health() {
    return { state: 'ok', advice: '', counters: {} } as const
  }

  async close(): Promise<void> {}
}

/** A logger with a memory of its own. */
export class LoggingSensor extends CountingSensor {
  readonly log: Recorded[]

  constructor(serial: string, log: readonly Recorded[]) {
    super(serial)
    this.log = [...log]
  }

  async *recordings() {
    yield* this.log
  }
}

/** What a region keeps of readings. It takes each frame once, by its number, as a coordinator does. */
export class SensingRegion {
  readonly scripted = new ScriptedRegion()
  readonly sensors: Sensors[] = []
  readonly profiles = new Map<string, Profile>()
  readonly frames = new Map<number, ReadingFrame>()
  /** Frames as they came, repeats included. */
  readonly arrivals: { readonly seq: number; readonly bytes: Uint8Array }[] = []
  /** Classes in the order of arrival. */
  readonly heard: UplinkClass[] = []
  /** Frames of a profile that this session had not told. */
  orphans = 0
  /** Whether a frame that arrived is acknowledged. */
  acks: () => boolean = () => true
  nowMs: () => number = () => BEGIN_MS
  #told = new Set<string>()
  readonly #signer = nodeSigner(seededRandom('region').bytes(32))
  readonly #verifier = nodeVerifier()

  attach(link: ScriptedLink): void {
    this.scripted.acks = true
    this.scripted.send = (_, name, frame) => {
      if (!link.last.open) return
      link.last.downlink(name, name === 'welcome' ? this.#withTime(frame) : frame)
    }
    link.onConnect = target => {
      this.#told = new Set()
      this.scripted.connect(target.password)
    }
    link.onUplink = (end, name, frame) => this.#receive(end, name, frame)
  }

  plan(link: ScriptedLink, revision: number, streams: readonly Stream[]): void {
    const plan: Plan = { session: this.scripted.session(DEVICE), revision, streams }
    const payload = encodePlan(plan)
    link.last.downlink('plan', sign1(payload, this.#aad('dn', 'plan'), this.#signer))
  }

  /** Every reading, with the middle of when it was taken and how far that may be off; missing values left out. */
  values(kind: Profile['kind'] = 'sample') {
    return [...this.frames.values()].flatMap(frame => {
      const profile = this.profileOf(frame)
      if (profile.kind !== kind) return []
      return [...(frame.columns[0] ?? [])].flatMap((value, i) => {
        const atMs = frame.fromMs + i * profile.periodMs
        const row = frame.columns.map(column => column[i] ?? Number.NaN)
        return Number.isNaN(value) ? [] : [{ value, atMs, row, profile, uncertaintyMs: frame.uncertaintyMs }]
      })
    })
  }

  gaps() {
    return [...this.frames.values()].flatMap(({ gaps }) => gaps)
  }

  profileOf(frame: ReadingFrame): Profile {
    const profile = this.profiles.get(frame.profile)
    if (profile === undefined) throw new Error(`profile ${frame.profile} is not known`)
    return profile
  }

  #receive(end: FarEnd, name: UplinkClass, frame: Uint8Array): void {
    if (!end.open) return
    this.heard.push(name)
    if (name !== 'sensors' && name !== 'profile' && name !== 'reading') {
      this.scripted.receive(DEVICE, name, frame)
      return
    }
    const payload = openSign1(frame, this.#aad('up', name), SIGNER.publicKey, this.#verifier).slice()
    if (name === 'sensors') this.sensors.push(decodeSensors(payload))
    else if (name === 'profile') this.#profile(decodeProfileMessage(payload).profile)
    else this.#reading(payload)
  }

  #profile(profile: Profile): void {
    const id = profileIdOf(encodeProfile(profile))
    this.#told.add(id)
    this.profiles.set(id, profile)
  }

  #reading(payload: Uint8Array): void {
    const { seq, profile } = decodeReadingHead(payload)
    if (!this.#told.has(profile)) {
      this.orphans += 1
      return
    }
    this.arrivals.push({ seq, bytes: payload })
    const known = this.profiles.get(profile)
    if (known === undefined) throw new Error('told, but not known')
    if (!this.frames.has(seq)) this.frames.set(seq, decodeReading(payload, known))
    if (this.acks()) this.scripted.ack(DEVICE, seq)
  }

  #withTime(frame: Uint8Array): Uint8Array {
    const welcome = decodeWelcome(peekSign1(frame).payload)
    const payload = encodeWelcome({ ...welcome, coordinatorWallMs: Math.round(this.nowMs()) })
    return sign1(payload, this.#aad('dn', 'welcome'), this.#signer)
  }

  #aad(direction: 'up' | 'dn', name: UplinkClass | 'welcome' | 'plan'): Uint8Array {
    return frameAad({ regionId: regionIdOf(this.#signer.publicKey), direction, device: DEVICE, class: name })
  }
}

export interface SamplingWorldInit {
  /** A folder for the disk; without it the store is in memory, and there is no restart. */
  readonly folder?: () => string
  readonly sensors?: readonly CountingSensor[]
  readonly calibrations?: readonly (Calibration | null)[]
  readonly location?: Location
  readonly store?: DeviceStoreInit
}

/** A machine with a disk, its sensors and a region. The region's clock is the truth. */
export class SamplingWorld {
  readonly region = new SensingRegion()
  readonly link = new ScriptedLink()
  readonly logged: DeviceEvent[] = []
  readonly sensors: readonly CountingSensor[]
  /** The time that passes for all. */
  readonly truth = new VirtualClock()
  device: Device | null = null
  store: DeviceStore | null = null
  /** Whether a try to open a sensor works. */
  opens: () => boolean = () => true
  /** The wall clock of the machine, which nothing may depend on. */
  wallMs = 0
  readonly #init: SamplingWorldInit
  /** The disk, and a copy of it as of the last write that was synced. */
  #path: string
  #synced = ''
  #life = { goesOn: true }
  #frozenToMs = 0
  #boot = { number: 1, startedMs: 0 }

  constructor(init: SamplingWorldInit = {}) {
    this.#init = init
    this.sensors = init.sensors ?? [new CountingSensor()]
    this.region.attach(this.link)
    this.region.nowMs = () => this.nowMs
    for (const sensor of this.sensors) sensor.nowMs = () => this.nowMs
    this.#path = this.#newFile()
  }

  /** The region's time. */
  get nowMs(): number {
    return BEGIN_MS + this.truth.monotonicMs()
  }

  get explanation(): string {
    return this.device?.explain() ?? ''
  }

  sensorId(index = 0): SensorId {
    const sensor = this.sensors[index]
    if (sensor === undefined) throw new Error('there is no such sensor')
    return sensorIdOf(sensor.model, sensor.serial ?? `${DEVICE}/place-${index}`)
  }

  async start(): Promise<void> {
    this.#life = { goesOn: true }
    const store = this.#openStore()
    this.store = store
    this.device = createDevice(
      {
        clock: this.#clock(),
        random: seededRandom(`jitter ${this.nowMs}`),
        link: this.link,
        store,
        identity: identityOf(SIGNER),
        verifier: nodeVerifier(),
        blobs: () => new FakeBlobs(),
        createRunner: async () => new FakeRunner('echo'),
        openSensors: async config => this.#open(Number(config.name)),
        readHealth: () => ({ socTemperatureMilliC: null, underVoltage: null, throttled: null }),
        log: event => void this.logged.push(event),
      },
      {
        membership: chooseMembership(store.enrolment(), this.region.scripted.claim, '/state'),
        label: 'attic',
        machine: {
          software: 'hedgerow/test',
          arch: 'arm64',
          cores: 4,
          memoryMiB: 1_024,
          abis: ['wasi'],
          metering: [METERING_VERSION],
        },
        slots: 1,
        creditLeases: 4,
        memoryBounds: '',
        sensing: {
          location: this.#init.location ?? null,
          sensors: this.sensors.map((_, i) => ({ driver: 'soc', name: String(i) })),
          boot: { machine: `boot ${this.#boot.number}`, aheadMs: 0 },
        },
      },
    )
    this.device.start()
    await settle()
  }

  async stop(): Promise<void> {
    await this.device?.stop()
    this.#life.goesOn = false
    this.device = null
  }

  /** The power fails, or the program does: nothing happens in it any more, and the disk holds what was synced. */
  crash(): void {
    if (this.device === null) return
    this.#life.goesOn = false
    this.device = null
    if (this.link.connections.length > 0) this.link.last.cut()
    this.#path = this.#newFile()
    copyDisk(this.#synced, this.#path)
  }

  /** The machine is switched off and on, and its clock begins anew. To be called between a crash or stop and a start. */
  reboot(): void {
    this.#boot = { number: this.#boot.number + 1, startedMs: this.truth.monotonicMs() }
  }

  /** The program does nothing for so long, as when the machine is busy or the process suspended. */
  freeze(ms: number): void {
    this.#frozenToMs = this.truth.monotonicMs() + ms
  }

  advance(ms: number): Promise<void> {
    return this.truth.advance(ms)
  }

  plan(revision: number, ...streams: readonly Stream[]): void {
    this.region.plan(this.link, revision, streams)
  }

  /** The clock of this boot, whose timers end with the program. */
  #clock(): Clock {
    const life = this.#life
    const { startedMs } = this.#boot
    return {
      wallMs: () => this.wallMs,
      monotonicMs: () => this.truth.monotonicMs() - startedMs,
      setTimeout: (fn, delayMs) => {
        const run = () => {
          const frozenMs = this.#frozenToMs - this.truth.monotonicMs()
          if (frozenMs > 0) this.truth.setTimeout(run, frozenMs)
          else if (life.goesOn) fn()
        }
        return this.truth.setTimeout(run, delayMs)
      },
    }
  }

  #newFile(): string {
    return this.#init.folder === undefined ? ':memory:' : join(this.#init.folder(), 'device.db')
  }

  #openStore(): DeviceStore {
    const store = openDeviceStore(this.#path, this.#init.store)
    if (this.#init.folder === undefined) return store
    this.#synced = this.#newFile()
    const synced = <T>(write: () => T): T => {
      const result = write()
      copyDisk(this.#path, this.#synced)
      return result
    }
    synced(() => undefined)
    return {
      ...store,
      nextCounter: leap => synced(() => store.nextCounter(leap)),
      saveEnrolment: enrolment => synced(() => store.saveEnrolment(enrolment)),
      commit: write => synced(() => store.commit(write)),
    }
  }

  async #open(index: number): Promise<readonly OpenSensor[]> {
    const sensor = this.sensors[index]
    if (sensor === undefined || !this.opens()) {
      throw new HardwareError({ code: 'unreadable', path: `port ${index}` }, 'nobody answers on that port.')
    }
    sensor.opens += 1
    const calibrations = this.#init.calibrations ?? sensor.channels.map(() => null)
    return [{ sensor, place: `place-${index}`, calibrations }]
  }
}

function copyDisk(from: string, to: string): void {
  for (const part of ['', '-wal']) {
    rmSync(to + part, { force: true })
    if (existsSync(from + part)) copyFileSync(from + part, to + part)
  }
}

/** A stream of the first channel of one sensor. */
export function streamOf(sensor: SensorId, partial: Partial<Stream> = {}): Stream {
  const periodMs = partial.periodMs ?? 10_000
  return {
    periodMs,
    phaseMs: 0,
    sampleMs: periodMs,
    readingsPerFrame: 6,
    kind: 'sample',
    channels: [{ sensor, channel: 0 }],
    ...partial,
  }
}
