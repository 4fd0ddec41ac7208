/**
 * Sensing on a device: its sensors, the region's plan for them, the region's time, and the readings until they are in the outbox.
 * Works without a connection, and over restarts.
 */
import type { SensorConfig } from '../../hardware/sensor-config.ts'
import {
  type Clock,
  type DeviceId,
  decodePlan,
  encodePlan,
  encodeSensors,
  equalBytes,
  HedgerowError,
  type Location,
  type Plan,
  type ProfileId,
  ProtocolError,
  type Random,
  type SensorId,
  type Timer,
  toHex,
  type UplinkClass,
} from '../../protocol/index.ts'
import type { Log } from '../log.ts'
import type { DeviceStore, OutboxRow } from '../store/index.ts'
import { explainSampling } from './explain.ts'
import { IngestSet } from './ingest-set.ts'
import { READING_FRAMES_MAX } from './packer.ts'
import { type Boot, RegionTime } from './region-time.ts'
import { SampleLog } from './sample-log.ts'
import { type OpenSensors, SensorSet } from './sensor-set.ts'
import { StreamSet } from './stream-set.ts'
import { isRecordedKey, type KnownSensor, resolvePlan, type StreamSpec } from './streams.ts'

export interface SamplingComponents {
  readonly clock: Clock
  readonly random: Random
  readonly store: DeviceStore
  readonly log: Log
  readonly openSensors: OpenSensors
  /** The CONNECT counter of this connection. */
  session(): number
  sign(name: UplinkClass, payload: Uint8Array): Uint8Array
  /** Says something of this session; lost when there is none. */
  say(name: UplinkClass, payload: (session: number, seq: number) => Uint8Array): void
  /** Asks the region for its time once more. */
  askTime(): void
  /** A frame of readings was put into the outbox. */
  added(row: OutboxRow): void
  /** The store is broken. */
  failed(failure: HedgerowError<{ code: string }>): void
}

/** What a device has to sense with, as its owner says. */
export interface SensingInit {
  readonly location: Location | null
  readonly sensors: readonly SensorConfig[]
  /** Readings that a power cut may cost, as time: how often they are put on stable storage. Default 60 000. */
  readonly flushMs?: number
  /** Default: a boot of its own for every start, so that the time is learnt anew. */
  readonly boot?: Boot
}

const FLUSH_MS = 60_000
/** How long a device relies on what it heard of the region's time while it could hear it again: a drift of 0.2 s at most. */
const ASK_TIME_MS = 1_800_000
/** Recordings are read ahead only so far: what is still in the sensor is safe there. */
const INGEST_QUOTA_PART = 1 / 2
/** From a complete frame to its commit, in which those of other streams take part. */
const COMPLETE_MS = 50
/** A clock that is put right by less than this has only drifted. */
const CLOCK_STEP_MS = 1_000

export class Sampling {
  readonly #components: SamplingComponents
  readonly #location: Location | null
  readonly #flushMs: number
  readonly #sensors: SensorSet
  readonly #time: RegionTime
  readonly #logbook: SampleLog
  readonly #streams: StreamSet
  readonly #ingests: IngestSet
  readonly #known: Map<SensorId, KnownSensor>
  #plan: Plan | null = null
  /** The session that the plan came in: only within one are its revisions in order. */
  #planSession = -1
  #unknown: readonly SensorId[] = []
  #online = false
  #joined = true
  #stopped = false
  #askedAtMs = 0
  #flushTimer: Timer | null = null
  #commitTimer: Timer | null = null
  /** Writes for the next commit; a full disk may keep them waiting. */
  #unsaved: (() => void)[] = []

  constructor(components: SamplingComponents, device: DeviceId, init: SensingInit) {
    const { clock, random, log, store, openSensors, session } = components
    const { samples } = store
    this.#components = components
    this.#location = init.location
    this.#flushMs = init.flushMs ?? FLUSH_MS
    const boot = init.boot ?? { machine: toHex(random.bytes(16)), aheadMs: 0 }
    const time = new RegionTime(clock, boot, samples.boots.all())
    const sensors = new SensorSet({ clock, random, log, openSensors }, { device, configs: init.sensors })
    const sign = (payload: Uint8Array) => components.sign('reading', payload)
    const commit = () => this.#guard(() => this.#commit())
    const completed = () => this.#completed()
    const ended = () => this.#guard(() => this.#finishEnded())
    this.#time = time
    this.#sensors = sensors
    this.#logbook = new SampleLog({ store, log, time, session, sign })
    this.#streams = new StreamSet({ clock, time, samples, sensors, completed, ended })
    this.#ingests = new IngestSet({ clock, log, samples, hasRoom: () => this.#mayIngest, commit })
    this.#known = readKnown(store)
    sensors.events.on('changed', () => this.#guard(() => this.#sensorsChanged()))
  }

  start(): void {
    const { samples } = this.#components.store
    this.#plan = readPlan(this.#components.store, this.#components.log)
    if (this.#plan !== null || samples.bytes > 0) {
      this.#commit(
        () => this.#logbook.closeLeftovers(),
        () => samples.tidy(this.#time.bootId),
      )
    }
    this.#follow()
    this.#endForgotten()
    this.#pauseTicks()
    this.#sensors.start()
  }

  /** Puts everything on stable storage and closes the sensors. */
  async stop(): Promise<void> {
    if (this.#streams.all().length > 0) this.#guard(() => this.#commit())
    this.#stopped = true
    this.#flushTimer?.cancel()
    this.#commitTimer?.cancel()
    this.#streams.pause(true)
    this.#ingests.stop()
    await this.#sensors.close()
  }

  /** The region has answered a hello: says what there is, and hands over what waits. */
  welcomed(): void {
    this.#online = true
    this.#announce()
    this.#drain()
  }

  parted(): void {
    this.#online = false
  }

  /** The region's clock, as its welcome told it. */
  heardTime(regionMs: number, roundTripMs: number): void {
    this.#askedAtMs = this.#time.machineMs
    const before = this.#time.now
    const changedMs = this.#time.learn(regionMs, roundTripMs)
    const isStep = Math.abs(changedMs) >= CLOCK_STEP_MS
    if (isStep) this.#components.log({ level: 'warn', event: 'region_time_changed', changedMs })
    this.#streams.timeChanged(before, isStep ? changedMs : 0)
  }

  /** The region wants this sampled from now on. */
  takePlan(plan: Plan): void {
    const known = this.#plan
    if (known !== null && this.#planSession === plan.session && plan.revision <= known.revision) return
    this.#planSession = plan.session
    if (known !== null && samePlan(known, plan)) return
    this.#plan = plan
    this.#components.log({ level: 'info', event: 'plan', revision: plan.revision, streams: plan.streams.length })
    this.#guard(() => this.#follow(() => this.#components.store.samples.savePlan(encodePlan(plan))))
  }

  /** Only a device that the region has enrolled, and not caught, measures for it. */
  setJoined(joined: boolean): void {
    if (joined === this.#joined) return
    this.#joined = joined
    this.#pauseTicks()
    if (!joined) this.#streams.interrupt('paused')
    else {
      this.#announce()
      this.#drain()
    }
  }

  /** Frames were acknowledged. More follow when half of them are, so that a long backlog does not take a synced write for each. */
  acked(): void {
    if (this.#components.store.outbox.readingFrames <= READING_FRAMES_MAX / 2) this.#drain()
  }

  /** The profile of a frame in the outbox, to be said ahead of it. */
  profileBytes(id: ProfileId): Uint8Array | null {
    return this.#components.store.samples.profile(id)
  }

  /** What the sensors do, in sentences; empty for a device that has none and keeps nothing. */
  explain(): string[] {
    const { outbox, samples } = this.#components.store
    const inMemory = this.#streams.all().map(({ spec, series }) => series.buffered * spec.profile.channels.length)
    return explainSampling({
      sensors: this.#sensors.held.size,
      streams: this.#streams.count,
      hasPlan: this.#plan !== null && this.#plan.streams.length > 0,
      joined: this.#joined,
      timeKnown: this.#time.isKnown,
      diskFull: this.#logbook.diskFull,
      readings: inMemory.reduce((sum, readings) => sum + readings, samples.readings),
      frames: outbox.readingFrames,
      unknown: this.#unknown,
      troubles: [...this.#sensors.troubles(), ...this.#ingests.troubles],
    })
  }

  /** What there is, once every sensor has had its chance to open: the region plans by it. */
  #announce(): void {
    const sensors = [...this.#sensors.held.values()].map(({ info }) => info)
    const location = this.#location
    if (!this.#online || !this.#joined || !this.#sensors.settled) return
    if (this.#hasSensors || location !== null) {
      this.#components.say('sensors', (session, seq) => encodeSensors({ session, seq, location, sensors }))
    }
  }

  #sensorsChanged(): void {
    const news: [SensorId, string][] = []
    for (const [id, { known }] of this.#sensors.held) {
      const text = JSON.stringify(known)
      if (JSON.stringify(this.#known.get(id)) !== text) news.push([id, text])
      this.#known.set(id, known)
    }
    const { samples } = this.#components.store
    this.#follow(
      ...news.map(
        ([id, text]) =>
          () =>
            samples.saveSensor(id, text),
      ),
    )
    this.#pauseTicks()
    this.#announce()
  }

  /** Makes the streams those of the plan, as far as sensors are known. @param also - to be written */
  #follow(...also: (() => void)[]): void {
    const { streams, unknown } = resolvePlan(this.#plan ?? { streams: [] }, this.#known)
    this.#unknown = unknown
    const begun = this.#streams.follow(streams)
    this.#ingests.follow(this.#sensors.held, this.#streams.recorded)
    const writes = [...also, ...begun.map(spec => this.#beginning(spec))]
    if (writes.length > 0) this.#commit(...writes)
    this.#finishEnded()
    this.#armFlush()
  }

  #beginning({ key, profileId: profile, profileBytes }: StreamSpec): () => void {
    const { samples } = this.#components.store
    const end = this.#time.now
    return () => {
      samples.saveProfile(profile, profileBytes)
      samples.beginStream({ key, profile, end })
    }
  }

  /** What streams that are not wanted any more have gathered becomes frames. */
  #finishEnded(): void {
    if (this.#stopped) return
    const { samples } = this.#components.store
    const keys = this.#streams.finishEnded()
    if (keys.length === 0) return
    this.#commit(...keys.map(key => () => samples.removeStream(key)))
    this.#streams.forget(keys)
  }

  /** Streams of an earlier run that this one does not have: what was in memory then is missing. */
  #endForgotten(): void {
    const { samples } = this.#components.store
    const forgotten = samples.streams().filter(({ key }) => !this.#streams.has(key))
    if (forgotten.length === 0) return
    const to = this.#time.now
    this.#commit(() => {
      for (const { key, profile, end } of forgotten) {
        if (!isRecordedKey(key)) samples.addGap({ profile, from: end, to, cause: 'restart' })
        samples.removeStream(key)
      }
    })
  }

  get #mayIngest(): boolean {
    const { samples, outbox, samplesQuotaBytes } = this.#components.store
    return this.#joined && samples.bytes + outbox.readingBytes < samplesQuotaBytes * INGEST_QUOTA_PART
  }

  /** Before its sensors had their chance to open, a device would only say that they are unplugged. */
  #pauseTicks(): void {
    this.#streams.pause(!this.#joined || !this.#sensors.settled)
  }

  /** Frames that are complete at the same moment share a commit. A full disk is tried again with the next flush only. */
  #completed(): void {
    if (this.#stopped || this.#logbook.diskFull) return
    this.#commitTimer ??= this.#components.clock.setTimeout(() => {
      this.#commitTimer = null
      this.#guard(() => this.#commit())
    }, COMPLETE_MS)
  }

  #armFlush(): void {
    if (this.#stopped || this.#flushTimer !== null) return
    if (this.#streams.all().length === 0 && !this.#hasSensors) return
    this.#flushTimer = this.#components.clock.setTimeout(() => {
      this.#flushTimer = null
      this.#guard(() => this.#flush())
      this.#armFlush()
    }, this.#flushMs)
  }

  #flush(): void {
    this.#sensors.refresh()
    if (this.#online && this.#time.machineMs - this.#askedAtMs >= ASK_TIME_MS) {
      this.#askedAtMs = this.#time.machineMs
      this.#components.askTime()
    }
    const isPending = this.#unsaved.length > 0 || this.#streams.all().some(({ series }) => series.hasPending)
    if (isPending) this.#commit()
  }

  #drain(): void {
    const { samples } = this.#components.store
    if (!this.#drains || samples.bytes === 0) return
    if (samples.closed(1).length > 0 || samples.gapProfiles().length > 0) this.#guard(() => this.#commit())
  }

  get #hasSensors(): boolean {
    return this.#sensors.configured > 0
  }

  get #drains(): boolean {
    return this.#online && this.#joined && this.#time.isKnown && !this.#stopped
  }

  #commit(...also: (() => void)[]): void {
    this.#unsaved.push(...also)
    const packed = this.#logbook.commit(this.#streams.all(), {
      drain: this.#drains,
      also: () => {
        for (const write of this.#unsaved) write()
        this.#ingests.save()
      },
    })
    if (!this.#logbook.diskFull) this.#unsaved = []
    for (const row of packed) this.#components.added(row)
  }

  /** A broken store ends the device in words, wherever it is noticed. */
  #guard(act: () => void): void {
    try {
      act()
    } catch (thrown) {
      if (!(thrown instanceof HedgerowError)) throw thrown
      this.#components.failed(thrown)
    }
  }
}

function readKnown({ samples }: DeviceStore): Map<SensorId, KnownSensor> {
  return new Map([...samples.sensors()].map(([id, text]) => [id, JSON.parse(text) as KnownSensor]))
}

/** A plan that this software cannot read is as good as none: the region sends it again. */
function readPlan({ samples }: DeviceStore, log: Log): Plan | null {
  const body = samples.plan()
  if (body === null) return null
  try {
    return decodePlan(body)
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown
    log({ level: 'warn', event: 'plan_unreadable', code: thrown.code })
    return null
  }
}

function samePlan(a: Plan, b: Plan): boolean {
  return equalBytes(encodePlan({ ...a, session: 0 }), encodePlan({ ...b, session: 0 }))
}
