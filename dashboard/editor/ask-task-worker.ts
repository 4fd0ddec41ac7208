/** The page's side of the worker that tries tasks. */
import type { TryAnswer, TryWish } from './messages.ts'

const WORKER_URL = '/dashboard/task-worker.js'
const LOST = 'The part of this page that tries tasks could not be started: load the page again.'

let worker: Worker | null = null
let lastId = 0
const waiting = new Map<number, (answer: TryAnswer) => void>()

/** Asks the worker; what goes wrong is an answer too. */
export function askTaskWorker(wish: TryWish): Promise<TryAnswer> {
  const id = ++lastId
  return new Promise(resolve => {
    waiting.set(id, resolve)
    started().postMessage({ id, wish })
  })
}

/** Ends what the worker is doing, at once; all that were waiting hear it. */
export function stopTaskWorker(): void {
  end('It was stopped.')
}

function started(): Worker {
  if (worker !== null) return worker
  worker = new Worker(WORKER_URL, { type: 'module' })
  worker.addEventListener('message', ({ data }: MessageEvent<TryAnswer>) => {
    waiting.get(data.id)?.(data)
    waiting.delete(data.id)
  })
  worker.addEventListener('error', () => end(LOST))
  return worker
}

function end(message: string): void {
  worker?.terminate()
  worker = null
  for (const [id, resolve] of waiting) resolve({ id, kind: 'unable', message })
  waiting.clear()
}
