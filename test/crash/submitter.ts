/**
 * A submitter that keeps jobs going while everything around it is killed. Whatever it does not know the outcome of it does
 * again in the same words: an upload by its hash, a submission by its `ref`, a question by its job.
 */
import { JobError, type JobHandle, type SubmitterClient } from '../../client/index.ts'
import { equalBytes, type JobId, messageOf, type Random, type Sha256Hex, TransportError } from '../../protocol/index.ts'
import { pause } from './wait.ts'
import type { Work, WorkMaker } from './works.ts'

/** Jobs that run at the same time. */
const JOBS_AT_ONCE = 4
/** Acknowledged submissions that are handed in once more, as if the answer had been lost. */
const RESEND_SHARE = 0.3
const RETRY_MS = 100
/** Long enough that the coordinator may have been started again in between. */
const RESEND_AFTER_MS_MAX = 3_000

/** A submission whose status the submitter has seen. */
export interface Acknowledged {
  readonly ref: string
  readonly id: JobId
  readonly work: Work
  done: boolean
  costMicro: bigint
}

export interface SubmitterParts {
  readonly client: SubmitterClient
  readonly works: WorkMaker
  readonly random: Random
  /** Makes refs of one run unlike those of others. */
  readonly prefix: string
}

export class Submitter {
  readonly acknowledged: Acknowledged[] = []
  readonly problems: string[] = []
  /** Requests done again because their outcome was unknown, or on purpose. */
  repeats = 0
  readonly #parts: SubmitterParts
  readonly #listeners = { submission: new Set<() => void>(), completion: new Set<() => void>() }
  #handedIn = 0
  #stopped = false
  #abandoned = false

  constructor(parts: SubmitterParts) {
    this.#parts = parts
  }

  /** Keeps jobs going until {@link finish}; resolves when the last of them has its answer. */
  async run(): Promise<void> {
    const lane = async (): Promise<void> => {
      while (!this.#stopped) await this.#oneJob()
    }
    await Promise.all(Array.from({ length: JOBS_AT_ONCE }, lane))
  }

  /** Hands in nothing new. */
  finish(): void {
    this.#stopped = true
  }

  /** Stops insisting: the run has failed. */
  abandon(): void {
    this.#stopped = true
    this.#abandoned = true
  }

  /** Jobs that wait for their answer, for people. */
  get open(): string[] {
    return this.acknowledged.filter(({ done }) => !done).map(({ id, work }) => `${id} (${work.name})`)
  }

  /** Hears of each submission as it leaves, or of each job whose units are all in. @returns a function that stops listening */
  on(name: 'submission' | 'completion', listener: () => void): () => void {
    this.#listeners[name].add(listener)
    return () => this.#listeners[name].delete(listener)
  }

  async #oneJob(): Promise<void> {
    const { client, works, random, prefix } = this.#parts
    const work = works.next()
    const ref = `${prefix}-${++this.#handedIn}`
    try {
      const blobs: Sha256Hex[] = []
      for (const blob of work.blobs) blobs.push(await this.#insist(() => client.upload(blob)))
      const job = { name: work.name, ...work.specification(blobs), ref }
      const handle = await this.#insist(() => this.#submit(job))
      const entry: Acknowledged = { ref, id: handle.id, work, done: false, costMicro: 0n }
      this.acknowledged.push(entry)
      const resend =
        random.uniform() < RESEND_SHARE ? this.#resend(job, entry, random.uniform() * RESEND_AFTER_MS_MAX) : null
      const watched = this.#watch(handle)
      await this.#await(handle, entry)
      await Promise.all([resend, watched])
    } catch (error) {
      if (!this.#abandoned) this.problems.push(`${ref} (${work.name}): ${messageOf(error)}`)
    }
  }

  #submit(job: Parameters<SubmitterClient['submit']>[0]): Promise<JobHandle> {
    const answer = this.#parts.client.submit(job)
    for (const listener of [...this.#listeners.submission]) listener()
    return answer
  }

  async #resend(
    job: Parameters<SubmitterClient['submit']>[0],
    { ref, id }: Acknowledged,
    delayMs: number,
  ): Promise<void> {
    await pause(delayMs)
    this.repeats++
    const again = await this.#insist(() => this.#submit(job))
    if (again.id !== id) this.problems.push(`${ref} became job ${id} and, handed in again, job ${again.id}.`)
  }

  async #watch(handle: JobHandle): Promise<void> {
    for await (const event of handle.watch()) {
      if (event.kind !== 'progress' || event.verified < event.units) continue
      for (const listener of [...this.#listeners.completion]) listener()
    }
  }

  async #await(first: JobHandle, entry: Acknowledged): Promise<void> {
    let handle: JobHandle | null = first
    const result = await this.#insist(() => {
      const asked = handle ?? this.#parts.client.job(entry.id)
      handle = null
      return asked.result()
    })
    entry.done = true
    entry.costMicro = result.costMicro
    if (result.failedUnits !== 0) this.problems.push(`Job ${entry.id} skipped ${result.failedUnits} units.`)
    if (!equalBytes(result.bytes, entry.work.answer))
      this.problems.push(`Job ${entry.id} (${entry.work.name}) has a wrong answer.`)
  }

  /** Does it again for as long as nobody knows what came of it. */
  async #insist<T>(act: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await act()
      } catch (error) {
        if (this.#abandoned || !isUnknownOutcome(error)) throw error
        this.repeats++
        await pause(RETRY_MS)
      }
    }
  }
}

/** Neither a yes nor a no: the region may or may not have heard it. */
function isUnknownOutcome(error: unknown): boolean {
  if (error instanceof JobError) return error.info.code === 'job_refused' && error.info.refusal === 'busy'
  return error instanceof TransportError && error.code !== 'refused'
}
