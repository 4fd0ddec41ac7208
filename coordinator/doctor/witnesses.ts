/** Do other regions still watch the log? */
import { broken, type Finding, warning, well } from '../../protocol/index.ts'
import type { Witness } from '../http/witness-api.ts'

export interface WitnessesPorts {
  readonly witnesses: readonly Witness[]
  readonly wallMs: number
}

const HOUR_MS = 3_600_000
const QUIET_MS = 24 * HOUR_MS

export function checkWitnesses({ witnesses, wallMs }: WitnessesPorts): Finding[] {
  if (witnesses.length === 0) {
    const says = 'No other region watches the log, so nobody could prove that it was not written anew.'
    return [warning('witnesses', says, 'Ask another region for its address, and both type: hedgerow witness add URL.')]
  }
  return witnesses.map(witness => checkOne(witness, wallMs))
}

function checkOne({ url, problem, conflict, cosignedByThem }: Witness, wallMs: number): Finding {
  if (conflict !== null) {
    const says = `The region at ${url} has signed two histories of its log, and this proves it.`
    return broken(
      'witnesses',
      says,
      'Tell its operator and everybody who trusts it: hedgerow witness list --json has both checkpoints.',
    )
  }
  const remedy = `Ask its operator whether it runs; try: curl ${url}/health. To go on without it: hedgerow witness remove ${url}.`
  if (problem !== '') return warning('witnesses', `The witness at ${url} does not cosign: ${problem}`, remedy)
  if (cosignedByThem === null)
    return warning('witnesses', `The witness at ${url} has not cosigned since the coordinator started.`, remedy)
  const quietMs = wallMs - cosignedByThem.atMs
  const hours = Math.floor(quietMs / HOUR_MS)
  if (quietMs > QUIET_MS) return warning('witnesses', `The witness at ${url} cosigned last ${hours} hours ago.`, remedy)
  return well('witnesses', `The witness at ${url} has cosigned ${cosignedByThem.size} entries.`)
}
