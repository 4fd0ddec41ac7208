/** What a unit costs besides its own work: a clean instance, input in, output out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runUnit, taskOf } from '../../support/run-task.ts'
import { type Summary, summarize } from '../statistics.ts'

const NOOP = join(import.meta.dirname, '..', '..', '..', 'examples', 'noop', 'build', 'noop.wasm')
const INPUT = new Uint8Array(32).fill(7)
const UNITS = 2_000
const ROUNDS = 15

/** Microseconds per unit of the no-op example, in the sandbox's own task: with instances used again, and with a new one each time. */
export function unitTimes(): { reused: Summary; fresh: Summary } {
  const bytes = new Uint8Array(readFileSync(NOOP))
  return { reused: measure(bytes, false), fresh: measure(bytes, true) }
}

function measure(bytes: Uint8Array, fresh: boolean): Summary {
  const task = taskOf(bytes, 16, { fresh })
  const micros: number[] = []
  // The first round warms up and is forgotten.
  for (let round = 0; round <= ROUNDS; round++) {
    const startMs = performance.now()
    for (let unit = 0; unit < UNITS; unit++) {
      const outcome = runUnit(task, INPUT, [], unit)
      if (outcome.kind !== 'ok') throw new Error(`A unit that does nothing ended with '${outcome.kind}'.`)
    }
    if (round > 0) micros.push(((performance.now() - startMs) * 1_000) / UNITS)
  }
  return summarize(micros)
}
