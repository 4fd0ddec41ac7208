/** `npm run sim -- bugs [ID]`: plants every bug in turn and says which seed found it. */
import { BUGS } from './bugs.ts'
import { huntBug } from './hunt.ts'

const SEEDS_MAX = 1_000

/** @returns whether all were found */
export async function huntBugs(id: string | undefined, print: (line: string) => void): Promise<boolean> {
  let missed = 0
  for (const bug of BUGS.filter(one => id === undefined || one.id === id)) {
    const found = await huntBug(bug, SEEDS_MAX)
    if (found === null) missed++
    const outcome =
      found === null
        ? `NOT FOUND in ${SEEDS_MAX} seeds`
        : `seed ${found.seed.padStart(4)}, ${String(found.tried).padStart(4)} tried   ${found.failure.split('\n')[0]?.slice(0, 110)}`
    print(`${bug.id.padEnd(34)}${outcome}`)
  }
  print(`${missed} of ${BUGS.length} not found`)
  return missed === 0
}
