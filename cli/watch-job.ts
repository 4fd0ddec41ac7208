/** Follows a job until it is over. */
import type { Job } from '../coordinator/http/admin-api.ts'
import { isFinalState, TransportError } from '../protocol/index.ts'
import type { AdminClient } from './admin-client.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { Io } from './io.ts'
import type { Output } from './output.ts'
import { ProgressLine } from './terminal/progress.ts'
import { sleep } from './wait.ts'

const POLL_INTERVAL_MS = 250
/** A coordinator that restarts is back within this time. */
const PATIENCE_MS = 60_000

/** How a watched job stood at the end, and what the command exits with. */
export interface Watched {
  readonly job: Job
  readonly exit: ExitCode
}

/**
 * Draws progress until the job is over or the command is stopped. A coordinator may be away for a minute meanwhile.
 * @throws {TransportError} `unreachable` after that
 */
export async function watchJob(api: AdminClient, id: string, { io, out }: { io: Io; out: Output }): Promise<Watched> {
  const line = new ProgressLine(io)
  let job = await api.job(id)
  let lastAnswerMs = io.clock.monotonicMs()
  try {
    while (!isFinalState(job.state)) {
      line.update({ ...job, done: job.unitsDone, verified: job.unitsVerified })
      await sleep(io.clock, POLL_INTERVAL_MS, io.stop)
      if (io.stop.aborted) break
      const answer = await ask(api, id, io.clock.monotonicMs() - lastAnswerMs)
      if (answer === null) continue
      job = answer
      lastAnswerMs = io.clock.monotonicMs()
    }
  } finally {
    line.clear()
  }
  if (!isFinalState(job.state)) out.note(`The job goes on. Watch it again with: hedgerow job watch ${id}`)
  return { job, exit: exitOf(job) }
}

async function ask(api: AdminClient, id: string, silentMs: number): Promise<Job | null> {
  try {
    return await api.job(id)
  } catch (error) {
    if (error instanceof TransportError && error.code === 'unreachable' && silentMs < PATIENCE_MS) return null
    throw error
  }
}

function exitOf({ state }: Job): ExitCode {
  if (state === 'done') return EXIT.ok
  return isFinalState(state) ? EXIT.jobFailed : EXIT.interrupted
}
