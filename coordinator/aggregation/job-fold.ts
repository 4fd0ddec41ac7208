/** Folds a job's accepted outputs into its answer and its bill, run by run. */
import {
  assert,
  decodeOutputs,
  type Sha256Hex,
  type StoredJobSpec,
  sha256Hex,
  TaskError,
  toHex,
} from '../../protocol/index.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { BlobWriter } from '../blobs/blob-writer.ts'
import type { AcceptedRow } from '../store/rows.ts'
import { type BillEnd, BillWriter } from './bill.ts'
import { type Aggregator, createAggregator, mediaTypeOf } from './index.ts'

/** What came out of a job. */
export interface AggregateResult extends BillEnd {
  sha256: Sha256Hex
  bytes: number
  failedUnits: number
}

/** A fold is finished or given up; both of its blobs are open until then. */
export class JobFold {
  readonly #blobs: Pick<BlobStore, 'read' | 'writer'>
  readonly #spec: StoredJobSpec
  readonly #units: number
  readonly #answer: BlobWriter
  readonly #bill: BillWriter
  readonly #billBlob: BlobWriter
  readonly #aggregator: Aggregator
  #failedUnits = 0
  #next = 0

  constructor(blobs: Pick<BlobStore, 'read' | 'writer'>, spec: StoredJobSpec, units: number) {
    this.#blobs = blobs
    this.#spec = spec
    this.#units = units
    this.#answer = blobs.writer()
    this.#billBlob = blobs.writer()
    this.#bill = new BillWriter(this.#billBlob)
    this.#aggregator = createAggregator(spec.aggregate, units, chunk => this.#answer.write(chunk))
  }

  /** The first unit that it has not taken. */
  get next(): number {
    return this.#next
  }

  /**
   * Takes the run that begins with the unit {@link next}.
   * @returns bytes of its outputs
   * @throws {TaskError} `bad_output` when a unit's output does not fit the aggregate and failing units end the job; the fold is to be
   * given up then, as when a blob cannot be read or written
   */
  take(run: AcceptedRow): number {
    assert(run.firstUnit === this.#next, 'a fold takes the runs of a job in the order of their units')
    const outputs = run.outputs ?? this.#blobs.read(sha256Hex(toHex(run.digest)))
    const outcomes = decodeOutputs(outputs, run.unitCount)
    for (const outcome of outcomes) {
      const unit = this.#next++
      this.#bill.add(unit, outcome)
      if (outcome.kind === 'ok' && this.#fits(unit, outcome.bytes)) continue
      this.#failedUnits++
      this.#aggregator.skip(unit)
    }
    return outputs.length
  }

  /** Stores the answer and the bill, once every unit was taken; on stable storage when it resolves. */
  async finish(): Promise<AggregateResult> {
    assert(this.#next === this.#units, 'a fold is finished when it has every unit')
    const end = this.#aggregator.finish()
    assert(end.mediaType === mediaTypeOf(this.#spec.aggregate), 'an aggregate has the media type announced for it')
    this.#answer.write(end.bytes)
    // Both are over, whatever becomes of either, before their files may be closed.
    for (const flushed of await Promise.allSettled([this.#answer.flush(), this.#bill.flush()])) {
      if (flushed.status === 'rejected') throw flushed.reason
    }
    const { sha256, size } = this.#answer.finish()
    return { sha256, bytes: size, failedUnits: this.#failedUnits, ...this.#bill.finish() }
  }

  /** Gives it up. After `finish` it does nothing. */
  abort(): void {
    this.#answer.abort()
    this.#billBlob.abort()
  }

  /** Whether the unit's output was taken; false when it does not fit and the job goes on without such units. */
  #fits(unit: number, output: Uint8Array): boolean {
    try {
      this.#aggregator.add(unit, output)
      return true
    } catch (error) {
      if (!(error instanceof TaskError) || this.#spec.onUnitError === 'fail') throw error
      return false
    }
  }
}
