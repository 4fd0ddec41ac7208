/** Runs many seeds over several processes. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { SeedReport } from '../../../simulation/index.ts'

/** A seed's report, and the real time that it took. */
export interface TimedReport {
  readonly report: SeedReport
  readonly elapsedMs: number
}

export interface FleetInit {
  readonly seeds: readonly string[]
  readonly processes: number
  /** Given to Node before the worker's file, such as a module that changes others. */
  readonly execArgv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Hears of each seed as it ends. @returns whether to go on */
  onReport(report: TimedReport): boolean
}

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))

/** Resolves when every seed has ended, or when nobody wants to go on. */
export async function runFleet(init: FleetInit): Promise<void> {
  const waiting = [...init.seeds].reverse()
  const workers = Array.from({ length: Math.min(init.processes, waiting.length) }, () => runWorker(init, waiting))
  await Promise.all(workers)
}

function runWorker(init: FleetInit, waiting: string[]): Promise<void> {
  const { execArgv = [], env = {} } = init
  // Nothing of the parent's own arguments: with a script among them (`node -e`), each worker would run that and start workers in turn.
  const options = { execArgv: [...execArgv], env: { ...process.env, ...env } }
  const worker: ChildProcess = fork(WORKER, [], options)
  return new Promise((resolve, reject) => {
    let seed: string | undefined
    const next = () => {
      seed = waiting.pop()
      if (seed === undefined) worker.kill()
      else worker.send(seed)
    }
    worker.on('message', (timed: TimedReport) => {
      if (!init.onReport(timed)) waiting.length = 0
      next()
    })
    worker.on('error', reject)
    worker.on('exit', code => {
      if (seed === undefined) resolve()
      else reject(new Error(`The worker ended with code ${code} in the middle of seed ${seed}.`))
    })
    next()
  })
}
