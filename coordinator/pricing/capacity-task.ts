/** What devices are given in checks: units of the built-in task whose inputs nobody can know before the check begins. */
import { CAPACITY_UNIT_FUEL, capacityModule } from '../../protocol/capacity/index.ts'
import { assert, jobIdFromBytes, planSplit, type Random, rangeUnitInput, specToJson } from '../../protocol/index.ts'
import type { Admission } from '../intake/admission.ts'
import type { PreparedJob } from '../jobs/job.ts'

/** A task whose answers the region can compute itself. */
export interface CapacityTask {
  /** Everything about its job but the numbers of its units. */
  readonly template: PreparedJob
  /** What the output of a unit must be. */
  answerOf(job: PreparedJob, unit: number): Uint8Array
}

/** More than all devices do in one check. */
const UNITS = 10_000_000
/** Where inputs begin: 16 digits whatever is added, since a longer input would burn more. */
const FIRST_LEAST = 1_000_000_000_000_000
const FIRST_MOST = Number.MAX_SAFE_INTEGER - UNITS

/**
 * Stores the built-in module.
 * @param answerOf - computes what a unit with an input answers
 */
export async function openCapacityTask(
  admission: Pick<Admission, 'admit'>,
  answerOf: (input: Uint8Array) => Uint8Array,
): Promise<CapacityTask> {
  const specification = {
    name: 'capacity check',
    task: {
      module: { base64: Buffer.from(capacityModule()).toString('base64') },
      memoryMiB: 1,
      unitFuelMax: CAPACITY_UNIT_FUEL,
    },
    split: { kind: 'range', from: FIRST_LEAST, to: FIRST_LEAST + UNITS, chunk: 1 },
    aggregate: { kind: 'collect' },
    verify: 'trust',
    // A unit that ends badly is a lie of its device, and no reason to end the check.
    onUnitError: 'skip',
  }
  const template = await admission.admit(specification, jobIdFromBytes(new Uint8Array(10)), '')
  return { template, answerOf: (job, unit) => answerOf(inputOf(job, unit)) }
}

/** The job of one check: its units are named by random numbers. */
export function checkJob({ template }: CapacityTask, random: Random): PreparedJob {
  const [high = 0, low = 0] = new Uint32Array(random.bytes(8).slice().buffer)
  const share = (high * 2 ** 21 + (low >>> 11)) / 2 ** 53
  const from = FIRST_LEAST + Math.floor(share * (FIRST_MOST - FIRST_LEAST))
  const split = { kind: 'range', from, to: from + UNITS, chunk: 1 } as const
  const spec = { ...template.spec, split }
  return { ...template, id: jobIdFromBytes(random.bytes(10)), spec, specJson: specToJson(spec), plan: planSplit(split) }
}

function inputOf({ spec: { split } }: PreparedJob, unit: number): Uint8Array {
  assert(split.kind === 'range', 'units of a check are a range')
  return rangeUnitInput(split, unit)
}
