/**
 * A device's card. The production's own store runs in memory on it; what that had not synced when the power went is lost again, and what
 * it had forgotten without a sync comes back.
 */
import { type DeviceStore, type Enrolment, openDeviceStore } from '../../device/index.ts'
import type { OutboxRow } from '../../device/store/index.ts'
import { decodeResult, peekSign1, type Random } from '../../protocol/index.ts'
import { wholeBetween } from '../world/chance.ts'

/** Numbers of the outbox that one synced write reserves. */
const SEQ_BLOCK = 65_536

export class DeviceMemory {
  #counter = 0
  #seqBlocks = 0
  #enrolment: Enrolment | null = null
  #rows = new Map<number, OutboxRow>()
  /** Rows as they were at the last sync, and what has changed since, oldest first. */
  #unsynced: ({ kind: 'put'; row: OutboxRow } | { kind: 'forget'; row: OutboxRow })[] = []
  #open: DeviceStore | null = null
  readonly #leases = new Map<number, readonly number[]>()

  /** The leases that a frame of results is about, also when it was acknowledged. */
  leasesOf(seq: number): readonly number[] {
    return this.#leases.get(seq) ?? []
  }

  /** Results that the region has not acknowledged. */
  get unacknowledged(): number {
    return this.#rows.size
  }

  /** Opens the store as a starting process would find it. */
  open(): DeviceStore {
    this.close()
    const store = openDeviceStore(':memory:')
    this.#open = store
    if (this.#counter > 0) store.nextCounter(this.#counter)
    if (this.#enrolment !== null) store.saveEnrolment(this.#enrolment)
    for (let block = 0; block < this.#seqBlocks; block++) store.outbox.reserve(Number.POSITIVE_INFINITY)
    for (const { seq, frame } of this.#rows.values()) store.outbox.put(seq, frame)
    return this.#watched(store)
  }

  /** The process has ended; what it wrote is still there. */
  close(): void {
    this.#open?.close()
    this.#open = null
  }

  /** The power has gone. @returns how many results were lost, and how many came back */
  losePower(random: Random): { lost: number; back: number } {
    this.close()
    const kept = wholeBetween(random, 0, this.#unsynced.length)
    const undone = this.#unsynced.splice(0).slice(kept).reverse()
    let lost = 0
    for (const { kind, row } of undone) {
      if (kind === 'forget') this.#rows.set(row.seq, row)
      else if (this.#rows.delete(row.seq)) lost++
    }
    this.#rows = new Map([...this.#rows].sort(([a], [b]) => a - b))
    return { lost, back: undone.filter(({ kind }) => kind === 'forget').length }
  }

  /** The card is a new one. */
  wipe(): void {
    this.close()
    this.#counter = 0
    this.#seqBlocks = 0
    this.#enrolment = null
    this.#rows.clear()
    this.#leases.clear()
    this.#unsynced = []
  }

  #sync(): void {
    this.#unsynced = []
  }

  #watched(store: DeviceStore): DeviceStore {
    const { outbox } = store
    let lastBlock = this.#seqBlocks
    // A store that was opened anew begins a new block; what is left of the last one is not known any more.
    let isFresh = lastBlock > 0
    const nextSeq = () => {
      if (isFresh) outbox.reserve(Number.POSITIVE_INFINITY)
      isFresh = false
      const seq = outbox.nextSeq()
      const block = Math.floor((seq - 1) / SEQ_BLOCK) + 1
      if (block > lastBlock) {
        lastBlock = block
        this.#seqBlocks = block
        this.#sync()
      }
      return seq
    }
    const watchedOutbox: DeviceStore['outbox'] = {
      ...outbox,
      nextSeq,
      put: (seq, frame) => {
        const outcome = outbox.put(seq, frame)
        if (outcome === 'stored') {
          const row: OutboxRow = { seq, frame, profile: null }
          this.#rows.set(seq, row)
          this.#unsynced.push({ kind: 'put', row })
          const { results } = decodeResult(peekSign1(frame).payload)
          this.#leases.set(
            seq,
            results.map(({ leaseId }) => leaseId),
          )
        }
        return outcome
      },
      forget: seqs => {
        for (const seq of seqs) {
          const row = this.#rows.get(seq)
          if (row === undefined) continue
          this.#rows.delete(seq)
          this.#unsynced.push({ kind: 'forget', row })
        }
        return outbox.forget(seqs)
      },
      get frames() {
        return outbox.frames
      },
      get bytes() {
        return outbox.bytes
      },
      get readingFrames() {
        return outbox.readingFrames
      },
      get readingBytes() {
        return outbox.readingBytes
      },
      get full() {
        return outbox.full
      },
    }
    return {
      ...store,
      outbox: watchedOutbox,
      nextCounter: leap => {
        this.#counter = store.nextCounter(leap)
        this.#sync()
        return this.#counter
      },
      saveEnrolment: enrolment => {
        store.saveEnrolment(enrolment)
        this.#enrolment = enrolment
        this.#sync()
      },
      commit: write => {
        const outcome = store.commit(write)
        this.#sync()
        return outcome
      },
      // The process may end without closing; the card closes it when it is opened again.
      close: () => {},
    }
  }
}
