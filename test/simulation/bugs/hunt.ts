/** Looks for a planted bug with one seed after another. */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { runFleet } from '../fleet/run-fleet.ts'
import type { PlantedBug } from './planted-bug.ts'

const PLANT = fileURLToPath(new URL('plant.ts', import.meta.url))
const PROCESSES = Math.min(2, availableParallelism())

/** The seed that found it, and how many had been tried by then. */
export interface Finding {
  readonly seed: string
  readonly tried: number
  readonly failure: string
}

/**
 * A seed counts only when it passes without the bug: otherwise something else is wrong, and nothing was found.
 * @returns null when none of `seedsMax` seeds found it
 * @throws {Error} when the seed that failed fails without the bug too
 */
export async function huntBug({ id }: PlantedBug, seedsMax: number): Promise<Finding | null> {
  const seeds = Array.from({ length: seedsMax }, (_, index) => `${index + 1}`)
  const found = await firstFailure(seeds, { execArgv: ['--import', PLANT], env: { HEDGEROW_BUG: id } })
  if (found === null) return null
  const clean = await firstFailure([found.seed], {})
  if (clean !== null) throw new Error(`Seed ${found.seed} fails without the bug '${id}' too: ${clean.failure}`)
  return found
}

async function firstFailure(
  seeds: readonly string[],
  how: { execArgv?: readonly string[]; env?: Readonly<Record<string, string>> },
): Promise<Finding | null> {
  let tried = 0
  let found: Finding | null = null
  await runFleet({
    ...how,
    seeds,
    processes: PROCESSES,
    onReport: ({ report: { seed, failure } }) => {
      tried++
      if (failure !== null) found ??= { seed, tried, failure }
      return failure === null
    },
  })
  return found
}
