import { expect } from 'vitest'
import {
  type Ending,
  headOf,
  type MeteredRun,
  PLENTY,
  type RunOptions,
  runMetered,
  runPlain,
  SHAPES,
} from './metered-run.ts'

/** A module and what running it must cost. */
export interface FuelCase extends RunOptions {
  readonly title: string
  readonly module: Uint8Array
  /** Every charge of the run in order, worked out by hand; a segment with a call stands before what it calls. */
  readonly charges: readonly number[]
  /** Default `ok`. */
  readonly ending?: Ending
  /** Of the charges, what is charged outside of functions with a body. Default 0. */
  readonly outside?: number
}

/** Endings that the engine comes to on the unmetered module too. */
const PLAIN_ENDINGS: readonly Ending[] = ['ok', 'trap', 'exit']

/** The `fast` shape leaves its global behind when a trap other than `unreachable` stops it. */
const isStale = ({ trap }: MeteredRun) => trap !== '' && trap !== 'unreachable'

/**
 * Runs the module as it is and in each shape: with plenty of fuel, with just enough, and with one too little. Fuel and ending must be those of
 * the case, and what a run leaves in memory what the unmetered module leaves.
 */
export function checkFuel({ module, charges, ending = 'ok', outside = 0, ...options }: FuelCase): void {
  const fuel = charges.reduce((sum, charge) => sum + charge, 0)
  const plain = PLAIN_ENDINGS.includes(ending) ? runPlain(module, options) : null
  for (const shape of SHAPES) {
    const run = runMetered(module, shape, PLENTY, options)
    expect(run.ending, shape).toBe(ending)
    if (plain !== null) {
      expect({ ending: run.ending, trap: run.trap }, shape).toEqual({ ending: plain.ending, trap: plain.trap })
    }
    // A start function's trap leaves an unmetered module without a memory.
    if (plain !== null && plain.memory.length > 0) {
      expect(headOf(run.memory), shape).toEqual(headOf(plain.memory))
      expect(Buffer.compare(run.memory, plain.memory), shape).toBe(0)
    }
    expect(runMetered(module, shape, fuel, options).ending, `${shape} with just enough`).toBe(ending)
    if (shape === 'fast' && isStale(run)) continue
    expect(run.fuel, shape).toBe(fuel)
    if (shape === 'profile') expect(run.profile.reduce((sum, own) => sum + own, 0)).toBe(fuel - outside)
    if (fuel === 0) continue
    const short = runMetered(module, shape, fuel - 1, options)
    expect({ ending: short.ending, fuel: short.fuel }, `${shape} with one too little`).toEqual({
      ending: 'out of fuel',
      fuel: fuel - 1,
    })
  }
}
