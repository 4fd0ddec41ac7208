/** Folds outputs into answers while their jobs run, so that at the end of a job only its last runs are left to fold. */
import { HedgerowError, type JobId, type StoredJobSpec, TaskError } from '../../protocol/index.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { AcceptedRow } from '../store/rows.ts'
import { type AggregateResult, JobFold } from './job-fold.ts'

export interface JobFoldsComponents {
  readonly blobs: Pick<BlobStore, 'read' | 'writer'>
  readonly store: {
    /** A job's accepted runs from a unit on, by ascending unit. */
    acceptedOutputs(job: JobId, fromUnit?: number): Iterable<AcceptedRow>
  }
  /** Lets pending I/O go first. */
  breathe(): Promise<void>
}

/** A job whose outputs are folded. */
export interface FoldedJob {
  readonly id: JobId
  readonly spec: StoredJobSpec
  readonly units: number
}

/** Units folded, and bytes of their outputs, before other work gets its turn: a few milliseconds each. */
const SLICE_UNITS = 5_000
const SLICE_BYTES = 1_048_576
/** A job with fewer units is folded at its end, in one slice. */
const EARLY_UNITS_MIN = SLICE_UNITS
/** Folds under way for jobs that still run: each has two files open and two pieces of them in memory. */
const EARLY_MAX = 16

/** A fold, and whether somebody is at it. */
interface Entry {
  readonly fold: JobFold
  /** The last one that goes on with it; who comes next waits for that. */
  busy: Promise<void>
  /** What it holds is not accepted any more. */
  dropped: boolean
}

export class JobFolds {
  readonly #components: JobFoldsComponents
  readonly #entries = new Map<JobId, Entry>()
  /** Jobs whose outputs could not be folded early: the reason is for their end to find. */
  readonly #refused = new Set<JobId>()
  /** Units of a job that were accepted since its fold last went on. */
  readonly #waiting = new Map<JobId, number>()

  constructor(components: JobFoldsComponents) {
    this.#components = components
  }

  /**
   * Takes note that units of a job that still runs were accepted. Once they are worth a slice, those that follow on what it has are
   * folded in the background.
   */
  advance(job: FoldedJob, unitsAccepted: number): void {
    const { id, spec, units } = job
    // A merge-map may grow large, and is not kept for as long as its job runs.
    if (units < EARLY_UNITS_MIN || spec.aggregate.kind === 'merge-map' || this.#refused.has(id)) return
    const waiting = (this.#waiting.get(id) ?? 0) + unitsAccepted
    const isWorthIt = waiting >= SLICE_UNITS && (this.#entries.has(id) || this.#entries.size < EARLY_MAX)
    this.#waiting.set(id, isWorthIt ? 0 : waiting)
    if (!isWorthIt) return
    const entry = this.#open(job)
    entry.busy = entry.busy.then(() => this.#fold(id, entry)).catch(error => this.#refuse(id, entry, error))
  }

  /**
   * Folds what is left of a job whose units are all accepted, and stores its answer and its bill.
   * @throws {TaskError} `bad_output` when a unit's output does not fit the aggregate and failing units end the job, `cancelled` when
   * runs were taken back meanwhile; {@link HedgerowError} when a blob cannot be read or written
   */
  async finish(job: FoldedJob): Promise<AggregateResult> {
    const { id } = job
    this.#waiting.delete(id)
    await this.#entries.get(id)?.busy
    const entry = this.#open(job)
    try {
      await this.#fold(id, entry)
      if (entry.dropped || entry.fold.next !== job.units) throw takenBack()
      return await entry.fold.finish()
    } finally {
      this.#close(id, entry)
    }
  }

  /** Forgets what was folded of a job: runs of it were taken back, or it is over. */
  drop(id: JobId): void {
    this.#refused.delete(id)
    this.#waiting.delete(id)
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    entry.dropped = true
    this.#entries.delete(id)
    void entry.busy.then(() => entry.fold.abort())
  }

  #refuse(id: JobId, entry: Entry, error: unknown): void {
    if (!(error instanceof HedgerowError)) throw error
    if (!entry.dropped) this.#refused.add(id)
    this.#close(id, entry)
  }

  #open({ id, spec, units }: FoldedJob): Entry {
    const known = this.#entries.get(id)
    if (known !== undefined) return known
    const entry = { fold: new JobFold(this.#components.blobs, spec, units), busy: Promise.resolve(), dropped: false }
    this.#entries.set(id, entry)
    return entry
  }

  #close(id: JobId, entry: Entry): void {
    entry.dropped = true
    if (this.#entries.get(id) === entry) this.#entries.delete(id)
    entry.fold.abort()
  }

  /** Takes the runs that follow on, a slice at a time, up to the first that is missing. */
  async #fold(id: JobId, entry: Entry): Promise<void> {
    const { store, breathe } = this.#components
    if (entry.dropped) return
    let sliceUnits = 0
    let sliceBytes = 0
    for (const run of store.acceptedOutputs(id, entry.fold.next)) {
      if (entry.dropped || run.firstUnit !== entry.fold.next) return
      sliceBytes += entry.fold.take(run)
      sliceUnits += run.unitCount
      if (sliceUnits < SLICE_UNITS && sliceBytes < SLICE_BYTES) continue
      sliceUnits = 0
      sliceBytes = 0
      await breathe()
    }
  }
}

function takenBack(): TaskError {
  return new TaskError({ code: 'cancelled' }, 'Units of the job were taken back while its answer was put together.')
}
