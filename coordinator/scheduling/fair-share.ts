/**
 * Whose turn it is. Submitters have equal shares of the fleet's time while they have work; of a submitter's own jobs each step of
 * priority doubles the share. Start-time fair queueing (P. Goyal, H. Vin, H. Cheng, SIGCOMM 1996): a job's place moves on by the time it
 * was given, divided by its share, and the furthest behind is next, so nobody waits for ever and nobody saves up turns.
 */
import type { SubmitterName } from '../../protocol/index.ts'
import type { Job } from '../jobs/job.ts'

const weightOf = (job: Job): number => 2 ** job.prepared.spec.priority

export class FairShare {
  /** Sum of the weights of each submitter's jobs. */
  private readonly weights = new Map<SubmitterName, number>()
  private readonly places = new Map<Job, number>()
  private now = 0

  /** A job that may get work from now on. It begins where the others are. */
  enter(job: Job): void {
    this.places.set(job, this.now)
    const { submitter } = job.row
    this.weights.set(submitter, (this.weights.get(submitter) ?? 0) + weightOf(job))
  }

  leave(job: Job): void {
    if (!this.places.delete(job)) return
    const { submitter } = job.row
    const left = (this.weights.get(submitter) ?? 0) - weightOf(job)
    if (left > 0) this.weights.set(submitter, left)
    else this.weights.delete(submitter)
  }

  /** Where a job stands, in milliseconds of the time of one device; the smallest is next. Second looks and checks are before everybody. */
  place(job: Job): number {
    if (job.retrial || job.check) return Number.NEGATIVE_INFINITY
    return Math.max(this.now, this.places.get(job) ?? this.now)
  }

  /** The jobs that have work, of which one is about to be served: nobody begins behind the furthest behind of them. */
  advance(working: readonly Job[]): void {
    let least = Number.POSITIVE_INFINITY
    for (const job of working) if (!job.retrial && !job.check) least = Math.min(least, this.places.get(job) ?? this.now)
    if (least < Number.POSITIVE_INFINITY) this.now = Math.max(this.now, least)
  }

  /** A job was given so many milliseconds of a device. */
  charge(job: Job, deviceMs: number): void {
    if (!this.places.has(job)) return
    const share = weightOf(job) / (this.weights.get(job.row.submitter) ?? weightOf(job))
    this.places.set(job, this.place(job) + deviceMs / share)
  }
}
