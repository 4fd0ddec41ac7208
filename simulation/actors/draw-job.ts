/** What submitters ask for, drawn; and what the right answer to it is, worked out apart from the coordinator. */
import { encode, type Random, toBase64, type UnitOutcome, utf8 } from '../../protocol/index.ts'
import { shapeArgs, type TaskShape, unitOutcome } from '../parts/cost-model.ts'
import type { SubmitterPlan } from '../scenario.ts'
import { happens, oneOf, wholeBetween } from '../world/chance.ts'

export interface DrawnJob {
  /** As it is submitted. */
  readonly specification: Readonly<Record<string, unknown>>
  readonly shape: TaskShape
  readonly units: number
  readonly isTrusting: boolean
  /** Whether a unit that fails ends the job. */
  readonly failsOnError: boolean
  readonly deadlineMs: number | null
  readonly budgetMicro: bigint | null
  /** The input of one of its units. */
  input(unit: number): Uint8Array
}

/** A reactor that answers with its input; nobody runs it here, but the coordinator reads it. */
const MODULE = toBase64(
  Uint8Array.from(
    Buffer.from(
      '0061736d01000000010c0260017f017f60027f7f017e0303020001050301000107180305616c6c6f6300000372756e0001066d656d6f727902000a140205004180080b0c002000ad4220862001ad840b',
      'hex',
    ),
  ),
)
/** Outputs that go into an answer; a cheat's may be of another form, and count as those of a failed unit. */
const FITS = { numbers: /^\d+$/, counts: /^(?:[^\t\n]*\t\d+\n)+$/, texts: /^/ } as const
const FORMS = { numbers: 'sum', counts: 'merge-map', texts: 'collect' } as const

export function drawJob(random: Random, plan: SubmitterPlan): DrawnJob {
  const form = oneOf(random, ['numbers', 'counts', 'texts'] as const)
  const units = wholeBetween(random, 1, plan.unitsMax)
  const fuelLeast = wholeBetween(random, 1_000, plan.fuelMax)
  const shape: TaskShape = {
    form,
    fuelLeast,
    fuelSpread: oneOf(random, [0, fuelLeast]),
    trapEvery: happens(random, plan.trapRate) ? oneOf(random, [10, 40]) : 0,
    textBytes: form === 'texts' ? oneOf(random, [0, 60, 2_000]) : 0,
  }
  const failsOnError = happens(random, 0.3)
  const unitFuelMax = 2 * fuelLeast * oneOf(random, [1, 1, 4])
  const isTrusting = happens(random, 0.2)
  const deadlineMs = happens(random, 0.2) ? wholeBetween(random, 30, 600) * 1_000 : null
  const budgetMicro = happens(random, 0.2) ? BigInt(Math.ceil((unitFuelMax * units * 6) / 100_000) + 200) : null
  const from = wholeBetween(random, 0, 1_000)
  const chunk = wholeBetween(random, 1, 5)
  const isItems = happens(random, 0.3)
  const items = Array.from({ length: isItems ? units : 0 }, (_, unit) => `item ${from + unit * chunk}`)
  const specification = {
    task: { module: { base64: MODULE }, args: shapeArgs(shape), unitFuelMax, unitTimeoutMs: 60_000 },
    split: isItems ? { kind: 'items', items } : { kind: 'range', from, to: from + units * chunk, chunk },
    aggregate: { kind: FORMS[form] },
    ...(isTrusting ? { verify: 'trust' } : {}),
    onUnitError: failsOnError ? 'fail' : 'skip',
    ...(deadlineMs === null ? {} : { deadlineMs }),
    ...(budgetMicro === null ? {} : { budgetMicro: `${budgetMicro}` }),
    ...(happens(random, 0.3) ? { leaseUnitsMax: wholeBetween(random, 1, 20) } : {}),
    priority: wholeBetween(random, 0, 9),
  }
  return {
    specification,
    shape,
    units,
    isTrusting,
    failsOnError,
    deadlineMs,
    budgetMicro,
    input: unit => (isItems ? utf8(items[unit] ?? '') : utf8(`${from + unit * chunk} ${from + (unit + 1) * chunk}\n`)),
  }
}

/** What every unit of a job comes to when all devices are honest. */
export function rightOutcomes({ shape, units, input }: DrawnJob): UnitOutcome[] {
  return Array.from({ length: units }, (_, unit) => unitOutcome(shape, input(unit)))
}

/** The answer that these outcomes add up to. */
export function answerOf({ shape }: DrawnJob, outcomes: readonly UnitOutcome[]): Uint8Array {
  const texts = outcomes.flatMap(outcome =>
    outcome.kind === 'ok' ? [Buffer.from(outcome.bytes).toString('utf8')] : [],
  )
  const fitting = texts.filter(text => FITS[shape.form].test(text))
  switch (shape.form) {
    case 'numbers':
      return utf8(`${fitting.reduce((sum, text) => sum + BigInt(text), 0n)}`)
    case 'texts':
      return encode(outcomes.map(outcome => (outcome.kind === 'ok' ? outcome.bytes : null)))
    case 'counts': {
      const counts = new Map<string, bigint>()
      for (const line of fitting.flatMap(text => text.trimEnd().split('\n'))) {
        const [key = '', count = '0'] = line.split('\t')
        counts.set(key, (counts.get(key) ?? 0n) + BigInt(count))
      }
      return utf8(
        [...counts]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, count]) => `${key}\t${count}\n`)
          .join(''),
      )
    }
  }
}
