import { type Abi, METERING_VERSION, type StoredJobSpec } from '../../protocol/index.ts'
import type { Presence } from '../fleet/fleet.ts'

/**
 * Why a connected device cannot run a job's units, as the end of a sentence about it; null when it can.
 * @see spec/clauses.md [JOB-3.1]
 */
export function unfitReason(
  { abis, metering, memoryMiB }: Pick<Presence, 'abis' | 'metering' | 'memoryMiB'>,
  { task }: StoredJobSpec,
  abi: Abi,
): string | null {
  if (!abis.includes(abi)) return `its software does not run ${abi} tasks`
  if (!metering.includes(METERING_VERSION)) {
    const versions = `${metering.length === 1 ? 'version' : 'versions'} ${metering.join(', ')}`
    return `its software meters work by ${versions} of the rules and this region by version ${METERING_VERSION}: update the older of the two`
  }
  if (task.memoryMiB > memoryMiB) return `the task needs ${task.memoryMiB} MiB and it offers ${memoryMiB}`
  return null
}
