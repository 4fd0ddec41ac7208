/** The page's side of the verifying worker, which is started when it is first asked. */
import { HedgerowError } from '../../protocol/index.ts'
import type { Answer, Question } from './messages.ts'

/** The worker's file, built beside the page's. */
const WORKER_URL = '/dashboard/verify-worker.js'

/** The worker could not answer; the message is its sentence. */
export class VerifyFailure extends HedgerowError<{ code: 'verify_failed' }> {}

type AnswerOf<Kind extends Question['kind']> = Extract<Answer, { kind: Kind }>

interface Waiting {
  resolve(answer: Answer): void
  reject(failure: VerifyFailure): void
  onProgress(entries: number, size: number): void
}

const waiting = new Map<number, Waiting>()
let worker: Worker | null = null
let lastId = 0

/**
 * Asks the worker.
 * @param onProgress - hears how far a replay is
 * @throws {VerifyFailure}
 */
export function askWorker<Asked extends Question>(
  question: Asked,
  onProgress: Waiting['onProgress'] = () => {},
): Promise<AnswerOf<Asked['kind']>> {
  const id = ++lastId
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve: answer => resolve(answer as AnswerOf<Asked['kind']>), reject, onProgress })
    started().postMessage({ id, question })
  })
}

function started(): Worker {
  if (worker !== null) return worker
  worker = new Worker(WORKER_URL, { type: 'module' })
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => hear(data))
  worker.addEventListener('error', () => {
    worker = null
    for (const { reject } of waiting.values())
      reject(failure('The verifying part of this page could not be started: load the page again.'))
    waiting.clear()
  })
  return worker
}

function hear(answer: Answer): void {
  const asker = waiting.get(answer.id)
  if (asker === undefined) return
  if (answer.kind === 'progress') {
    asker.onProgress(answer.entries, answer.size)
    return
  }
  waiting.delete(answer.id)
  if (answer.kind === 'failed') asker.reject(failure(answer.message))
  else asker.resolve(answer)
}

function failure(message: string): VerifyFailure {
  return new VerifyFailure({ code: 'verify_failed' }, message)
}
