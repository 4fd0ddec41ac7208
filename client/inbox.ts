/** Sorts what the region publishes to a submitter into the jobs and submissions it belongs to. */
import {
  type JobId,
  ProtocolError,
  parseProgressReply,
  parseRefusedReply,
  parseResultReply,
  parseStatusReply,
  parseTopic,
  type RefusedReply,
} from '../protocol/index.ts'
import { JobError } from './errors.ts'
import { JobFeed } from './job-feed.ts'
import { readJson } from './read-json.ts'
import type { Submissions } from './submissions.ts'

/** The region's code for a job it does not have, or that belongs to somebody else. */
const UNKNOWN_JOB = 'not_found'

/** Receives everything, and keeps a feed for each job that is followed. */
export class Inbox {
  /** Jobs somebody follows; finished ones are let go. */
  readonly feeds = new Map<JobId, JobFeed>()
  private readonly submissions: Submissions<JobFeed>
  private over: Error | null = null

  constructor(submissions: Submissions<JobFeed>) {
    this.submissions = submissions
  }

  /** @throws the error of {@link failAll} once that was called */
  assertOpen(): void {
    if (this.over !== null) throw this.over
  }

  /** The feed of a job, made when there is none. */
  feed(id: JobId): JobFeed {
    const known = this.feeds.get(id)
    if (known !== undefined) return known
    const made = new JobFeed(id)
    this.feeds.set(id, made)
    return made
  }

  /** Never throws: a reply that cannot be read fails the job it is about, or is dropped. */
  receive(topic: string, payload: Uint8Array): void {
    const parsed = parseTopic(topic)
    if (parsed?.kind === 'refused') {
      this.refused(payload)
    } else if (parsed?.kind === 'job') {
      try {
        this.reply(parsed.job, parsed.leaf, readJson(payload))
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        this.feeds.get(parsed.job)?.fail(error)
      }
      if (this.feeds.get(parsed.job)?.complete) this.feeds.delete(parsed.job)
    }
  }

  /** Ends everything that waits, for good. */
  failAll(error: Error): void {
    this.over ??= error
    this.submissions.failAll(error)
    for (const feed of this.feeds.values()) feed.fail(error)
    this.feeds.clear()
  }

  private reply(job: JobId, leaf: string, value: unknown): void {
    if (leaf === 'status') {
      const reply = sameJob(job, parseStatusReply(value))
      if (reply.ref !== undefined && this.submissions.has(reply.ref)) {
        this.submissions.accept(reply.ref, this.feed(job))
      }
      this.feeds.get(job)?.status(reply)
    } else if (leaf === 'progress') {
      this.feeds.get(job)?.progress(sameJob(job, parseProgressReply(value)))
    } else if (leaf === 'result') {
      this.feeds.get(job)?.result(sameJob(job, parseResultReply(value)))
    }
  }

  private refused(payload: Uint8Array): void {
    let reply: RefusedReply
    try {
      reply = parseRefusedReply(readJson(payload))
    } catch (error) {
      if (error instanceof ProtocolError) return
      throw error
    }
    const { code, message, path } = reply.error
    const error = new JobError({ code: 'job_refused', refusal: code, path }, message)
    if (reply.ref !== undefined) this.submissions.fail(reply.ref, error)
    const feed = [...this.feeds.values()].find(({ id }) => id === reply.job)
    // Any other refused request, such as cancelling a job that is over, leaves the job as it is.
    if (feed === undefined || code !== UNKNOWN_JOB) return
    feed.fail(error)
    this.feeds.delete(feed.id)
  }
}

function sameJob<Reply extends { job: JobId }>(job: JobId, reply: Reply): Reply {
  if (reply.job === job) return reply
  const info = { code: 'bad_message', message: 'job', field: 'job', reason: 'differs from its topic' } as const
  throw new ProtocolError(info, `A reply on the topic of job ${job} is about job ${reply.job}.`)
}
