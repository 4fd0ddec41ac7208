/** BullMQ on Redis, as fast as its documentation says it goes: bulk adds, concurrent workers, finished jobs not kept. */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { Queue, QueueEvents } from 'bullmq'
import type { Child, Workplace } from '../workplace.ts'
import type { Redis } from './redis.ts'

export interface BullmqInit {
  /** Worker processes. */
  readonly workers: number
  /** Jobs that one worker process has in hand at once. */
  readonly concurrency: number
}

export interface Bullmq {
  /** Adds jobs in bulk. @returns milliseconds from the first add to the last completion event seen here */
  run(jobs: number): Promise<number>
  /** Adds one job. @returns milliseconds from the add to its completion event */
  one(): Promise<number>
  close(): Promise<void>
}

/** Jobs in one `addBulk`; more in one call were not faster. */
const BULK_JOBS = 1_000
const OPTIONS = { removeOnComplete: true, removeOnFail: true }

let queues = 0

export async function startBullmq(place: Workplace, redis: Redis, init: BullmqInit): Promise<Bullmq> {
  const name = `bench-${++queues}`
  const connection = { host: '127.0.0.1', port: redis.port, maxRetriesPerRequest: null }
  const queue = new Queue(name, { connection, defaultJobOptions: OPTIONS })
  const events = new QueueEvents(name, { connection })
  const onError = (error: Error) => place.say(`bullmq: ${error.message}`)
  queue.on('error', onError)
  events.on('error', onError)
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()])
  const workers = await Promise.all(
    Array.from({ length: init.workers }, () => startWorker(place, redis, name, init.concurrency)),
  )
  let completed = (_job: string): void => undefined
  events.on('completed', ({ jobId }) => completed(jobId))

  return {
    async run(jobs) {
      const startMs = performance.now()
      let left = jobs
      const done = new Promise<void>(resolve => {
        completed = () => {
          if (--left === 0) resolve()
        }
      })
      for (let first = 0; first < jobs; first += BULK_JOBS) {
        const count = Math.min(BULK_JOBS, jobs - first)
        await queue.addBulk(
          Array.from({ length: count }, (_, index) => ({ name: 'noop', data: { unit: first + index } })),
        )
      }
      await done
      return performance.now() - startMs
    },

    async one() {
      const startMs = performance.now()
      const { promise, resolve } = Promise.withResolvers<void>()
      // Its event may come before the answer to its add, but nobody else's can.
      completed = () => resolve()
      await queue.add('noop', { unit: 0 })
      await promise
      return performance.now() - startMs
    },

    async close() {
      await Promise.all(workers.map(worker => worker.stop()))
      await events.close()
      await queue.obliterate({ force: true })
      await queue.close()
    },
  }
}

function startWorker(place: Workplace, redis: Redis, queue: string, concurrency: number): Promise<Child> {
  const file = join(import.meta.dirname, 'bullmq-worker.ts')
  const process = fork(file, [String(redis.port), queue, String(concurrency)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const child = place.adopt(process)
  return new Promise((resolve, reject) => {
    process.once('message', () => resolve(child))
    process.once('exit', code => reject(new Error(`A BullMQ worker ended with code ${code} before it was ready.`)))
  })
}
