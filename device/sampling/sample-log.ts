/** The durable half of sampling: what streams have gathered goes to disk, and complete frames into the outbox, in one transaction. */
import { ConfigError } from '../../protocol/index.ts'
import type { Log } from '../log.ts'
import type { DeviceStore, OutboxRow } from '../store/index.ts'
import { decodeBlock, encodeBlock, joinBlocks } from './block.ts'
import { makeRoom, valuesOf } from './make-room.ts'
import { packFrames, READING_FRAMES_MAX } from './packer.ts'
import { Profiles } from './profiles.ts'
import type { RegionTime } from './region-time.ts'
import type { PendingWrite, Series } from './series.ts'
import type { StreamSpec } from './streams.ts'

export interface SampleLogComponents {
  readonly store: DeviceStore
  readonly time: RegionTime
  readonly log: Log
  /** The CONNECT counter of this connection. */
  session(): number
  /** The signed frame of a reading. */
  sign(payload: Uint8Array): Uint8Array
}

/** A stream and its newest readings. */
export interface LoggedStream {
  readonly spec: Pick<StreamSpec, 'key' | 'profile' | 'profileId' | 'profileBytes'>
  readonly series: Series
}

export interface CommitInit {
  /** Whether the region takes frames now. */
  readonly drain: boolean
  /** More to write in the same transaction. */
  also?(): void
}

/** Readings of one stream that are held in memory while the disk has no room. */
const BUFFERED_MAX = 4_096

export class SampleLog {
  readonly #components: SampleLogComponents
  readonly #profiles: Profiles
  #diskFull = false

  constructor(components: SampleLogComponents) {
    this.#components = components
    this.#profiles = new Profiles(components.store.samples)
  }

  /** Whether the last commit found no room on the disk. */
  get diskFull(): boolean {
    return this.#diskFull
  }

  /**
   * Puts everything that is pending on stable storage. Without room on the disk it stays in memory, up to a bound.
   * @returns frames that are in the outbox from now on
   * @throws {ConfigError} when the store is broken
   */
  commit(streams: readonly LoggedStream[], { drain, also }: CommitInit): OutboxRow[] {
    const { store, time } = this.#components
    let packed: OutboxRow[] = []
    const done = this.#transact(drain, () => {
      for (const row of time.unsaved()) store.samples.boots.save(row)
      for (const stream of streams) this.#write(stream)
      also?.()
      if (drain) packed = packFrames({ ...this.#components, ...this.#parts() }, store.samplesQuotaBytes)
      makeRoom(this.#parts(), Math.max(0, store.samplesQuotaBytes - store.outbox.readingBytes))
    })
    if (!done) {
      for (const { series } of streams) while (series.buffered > BUFFERED_MAX) series.dropOldest()
      return []
    }
    time.saved()
    for (const { series } of streams) series.committed()
    return packed
  }

  /** Completes what an earlier run left open: it cannot know what would have followed. Within a transaction of the caller. */
  closeLeftovers(): void {
    const { samples } = this.#components.store
    for (const key of samples.openStreams()) {
      const [row] = samples.open(key)
      if (row === undefined) continue
      const profile = this.#profiles.get(row.profile)
      this.#writeTo({ key, profile, profileId: row.profile }, { block: null, closes: true })
    }
  }

  #parts() {
    const { samples, outbox } = this.#components.store
    return { samples, outbox, profiles: this.#profiles }
  }

  #transact(drain: boolean, write: () => void): boolean {
    const { store, log } = this.#components
    try {
      if (drain) store.outbox.reserve(READING_FRAMES_MAX)
      const full = store.commit(write) === 'full'
      if (full && !this.#diskFull) log({ level: 'warn', event: 'readings_not_saved', reason: 'the disk is full' })
      this.#diskFull = full
    } catch (thrown) {
      if (!(thrown instanceof ConfigError) || thrown.code !== 'no_space') throw thrown
      this.#diskFull = true
    }
    return !this.#diskFull
  }

  #write({ spec, series }: LoggedStream): void {
    const { samples } = this.#components.store
    const { writes, gaps } = series.pending()
    const { key, profileId: profile } = spec
    if (writes.length > 0 || gaps.length > 0) samples.saveProfile(profile, spec.profileBytes)
    for (const gap of gaps) samples.addGap({ profile, ...gap })
    for (const write of writes) this.#writeTo(spec, write)
    if (writes.length > 0 && series.end !== null) samples.saveStream({ key, profile, end: series.end })
  }

  #writeTo({ key, profile, profileId }: Omit<LoggedStream['spec'], 'profileBytes'>, write: PendingWrite): void {
    const { samples } = this.#components.store
    const open = write.closes ? samples.open(key) : []
    const before = open.map(row => decodeBlock(row.body, row.boot, profile))
    const blocks = write.block === null ? before : [...before, write.block]
    if (blocks.length === 0) return
    samples.remove(open)
    for (const { block, body } of encodeBlock(joinBlocks(blocks, profile), profile, profileId)) {
      const row = { stream: key, origin: profileId, profile: profileId, level: 0, boot: block.boot }
      samples.add({ ...row, readings: valuesOf(block), body }, write.closes)
    }
  }
}
