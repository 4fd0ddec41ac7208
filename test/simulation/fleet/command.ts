/** `npm run sim -- --seeds N [--from N]` and `npm run sim -- --seed N`. */
import { availableParallelism } from 'node:os'
import { runSeed, type SeedReport } from '../../../simulation/index.ts'
import { runFleet, type TimedReport } from './run-fleet.ts'
import { fleetTable } from './table.ts'

const PROCESSES = Math.min(2, availableParallelism())

type Print = (line: string) => void

/** Replays one seed. @returns whether every check held */
export async function replay(seed: string, print: Print): Promise<boolean> {
  const startedMs = performance.now()
  const report = await runSeed(seed)
  const elapsedMs = performance.now() - startedMs
  for (const line of fleetTable([{ report, elapsedMs }], elapsedMs)) print(line)
  if (report.failure !== null) printFailure(report, print)
  print(`hash: ${report.hash}`)
  return report.failure === null
}

/** Runs seeds `from` to `from + count - 1`. @returns whether every check held in all of them */
export async function runSeeds(count: number, from: number, print: Print): Promise<boolean> {
  const reports: TimedReport[] = []
  const startedMs = performance.now()
  await runFleet({
    seeds: Array.from({ length: count }, (_, index) => `${from + index}`),
    processes: PROCESSES,
    onReport: timed => {
      reports.push(timed)
      const { seed, failure } = timed.report
      if (failure !== null) print(`seed ${seed}: ${failure.split('\n')[0]}`)
      return true
    },
  })
  for (const line of fleetTable(reports, performance.now() - startedMs)) print(line)
  const failed = reports.map(({ report }) => report).filter(({ failure }) => failure !== null)
  const [first] = failed.sort((a, b) => Number(a.seed) - Number(b.seed))
  if (first !== undefined) printFailure(first, print)
  return first === undefined
}

function printFailure({ seed, failure, tail }: SeedReport, print: Print): void {
  print(`\nSeed ${seed} failed. Its last events:`)
  for (const line of tail) print(`  ${line.trimEnd()}`)
  print(`\nseed ${seed}: ${failure}\nReplay it with: npm run -s sim -- --seed ${seed}`)
}
