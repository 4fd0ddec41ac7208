/** Jobs whose units answer with their number, and what a device driven by hand says to them. */
import { type LeaseResult, type UnitOutcome, utf8 } from '../../protocol/index.ts'
import { doneResult, type HeldGrant } from './hand-driven-device.ts'
import { ECHO } from './tasks.ts'
import { taskOf } from './test-region.ts'

/** What a device driven by hand says a unit burned. A fuel costs a micro-credit in test regions. */
export const UNIT_FUEL = 100

/** A job of so many units; every single answer is accepted unless told otherwise. */
export const echoJob = (units: number, more: Record<string, unknown> = {}) => ({
  task: taskOf(ECHO),
  split: { kind: 'range', from: 0, to: units, chunk: 1 },
  aggregate: { kind: 'concat' },
  verify: 'trust',
  ...more,
})

/** The answer to the whole job. */
export const echoed = (units: number): string => Array.from({ length: units }, (_, i) => lineOf(i)).join('')

const lineOf = (unit: number): string => `${unit} ${unit + 1}\n`

/** The right outcomes of a lease, at so much fuel each. */
export const echoOutcomes = ({ firstUnit, unitCount }: HeldGrant, fuel = UNIT_FUEL): UnitOutcome[] =>
  Array.from({ length: unitCount }, (_, i) => ({ fuel, kind: 'ok', bytes: utf8(lineOf(firstUnit + i)) }))

/** What an honest device answers for a lease, were echoing so cheap. */
export const honestly = (lease: HeldGrant): LeaseResult => doneResult(lease.leaseId, echoOutcomes(lease))
