/**
 * What each submitter may ask of the region, so that one in a hurry does not make the others wait: submissions, requests and refusals a second,
 * jobs at a time, and the work it may have devices throw away. What is over is refused with the time after which to try again.
 */
import { LIMITS, type SubmitterName } from '../../protocol/index.ts'
import { TokenBucket } from '../token-bucket.ts'
import { SubmissionRefused } from './submission.ts'

/** Submissions of one submitter that are prepared at a time: reading a large input takes seconds. The others wait, in their order. */
const ADMISSIONS_MAX = 8
/** Bounds the memory of what waits: 64 KiB each. */
const WAITING_MAX = 400
/** Refusals that are still sent; whoever makes more has stopped reading them. */
const REFUSALS_PER_SECOND = 50
const REFUSALS_BURST = 500

interface Usage {
  readonly submissions: TokenBucket
  readonly requests: TokenBucket
  readonly refusals: TokenBucket
  /** A token is a millisecond of the whole region. */
  readonly cancelledWork: TokenBucket
  admitting: number
  readonly waiting: (() => void)[]
}

export class SubmitterLimits {
  private readonly monotonicMs: () => number
  private readonly usages = new Map<SubmitterName, Usage>()

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs
  }

  /**
   * A submission has come.
   * @throws {SubmissionRefused} `busy`, with the time after which to try again
   */
  submission(name: SubmitterName): void {
    const now = this.monotonicMs()
    const { submissions, cancelledWork } = this.usageOf(name)
    const debtMs = cancelledWork.waitMs(0, now)
    if (debtMs > 0) {
      throw busy(`${name} has cancelled so many jobs that devices were at work on`, debtMs)
    }
    if (submissions.take(1, now)) return
    const { submissionsPerSecondMax, submissionsBurstMax } = LIMITS
    const bounds = `${submissionsBurstMax} at once and ${submissionsPerSecondMax} a second`
    throw busy(`${name} has handed in more jobs and campaigns than ${bounds}`, submissions.waitMs(1, now))
  }

  /**
   * Runs what prepares a submission, in its turn among those of its submitter.
   * @throws {SubmissionRefused} `busy`
   */
  async preparing<Prepared>(name: SubmitterName, prepare: () => Promise<Prepared>): Promise<Prepared> {
    const usage = this.usageOf(name)
    const { waiting } = usage
    if (waiting.length >= WAITING_MAX) {
      const message = `${WAITING_MAX} submissions of ${name} wait to be prepared: try again in a moment.`
      throw new SubmissionRefused({ code: 'busy' }, message)
    }
    if (usage.admitting < ADMISSIONS_MAX) usage.admitting++
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await prepare()
    } finally {
      // Whoever comes next takes this place.
      const next = waiting.shift()
      if (next === undefined) usage.admitting--
      else next()
    }
  }

  /**
   * Another request has come, such as `get` or `cancel`.
   * @throws {SubmissionRefused} `busy`, with the time after which to try again
   */
  request(name: SubmitterName): void {
    const now = this.monotonicMs()
    const { requests } = this.usageOf(name)
    if (requests.take(1, now)) return
    const bounds = `${LIMITS.requestsBurstMax} at once and ${LIMITS.requestsPerSecondMax} a second`
    throw busy(`${name} has asked more often than ${bounds}`, requests.waitMs(1, now))
  }

  /** Whether the answer to a submission that has come again may be sent again. */
  mayRepeat(name: SubmitterName): boolean {
    return this.usageOf(name).requests.take(1, this.monotonicMs())
  }

  /** Whether one more refusal may be sent. */
  mayRefuse(name: SubmitterName): boolean {
    return this.usageOf(name).refusals.take(1, this.monotonicMs())
  }

  /**
   * A job was cancelled while devices were at it. The work that is lost to them is free until there is too much of it.
   * @param lostMs - of all devices together
   * @param devices - devices there are
   */
  cancelled(name: SubmitterName, lostMs: number, devices: number): void {
    const regionMs = Math.min(LIMITS.cancelledWorkMsMax, lostMs / Math.max(1, devices))
    this.usageOf(name).cancelledWork.spend(regionMs, this.monotonicMs())
  }

  private usageOf(name: SubmitterName): Usage {
    const known = this.usages.get(name)
    if (known !== undefined) return known
    const bucket = (perSecond: number, burst: number) => new TokenBucket(perSecond, burst, this.monotonicMs())
    const usage = {
      submissions: bucket(LIMITS.submissionsPerSecondMax, LIMITS.submissionsBurstMax),
      requests: bucket(LIMITS.requestsPerSecondMax, LIMITS.requestsBurstMax),
      refusals: bucket(REFUSALS_PER_SECOND, REFUSALS_BURST),
      cancelledWork: bucket(LIMITS.cancelledWorkMsPerSecond, LIMITS.cancelledWorkMsMax),
      admitting: 0,
      waiting: [],
    }
    this.usages.set(name, usage)
    return usage
  }
}

function busy(why: string, waitMs: number): SubmissionRefused {
  const wait = waitMs < 1_000 ? `${waitMs} ms` : `${Math.ceil(waitMs / 1_000)} s`
  return new SubmissionRefused({ code: 'busy' }, `${why}: try again in ${wait}.`)
}
