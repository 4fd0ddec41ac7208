/** Keeps a large coordinator's memory near what it uses. */
import { setFlagsFromString } from 'node:v8'

/** How much of what lives may be added to it before the next collection, in percent. */
const GARBAGE_PERCENT = 30
/** With fewer, what is garbage takes little, and collecting sooner costs jobs of many units a twelfth of their speed. */
const CONNECTIONS_MIN = 1_000

/**
 * V8 lets a heap grow up to fourfold before it collects, and gives little of that back: with 10 000 devices 18 kB of garbage for 4 kB that
 * live. From so many connections on it collects sooner (docs/benchmarks.md). It counts for the whole process, and stays.
 * @returns to be called now and then with the number of connections
 */
export function createGarbageBound(): (connections: number) => void {
  let isBound = false
  return connections => {
    if (isBound || connections < CONNECTIONS_MIN) return
    isBound = true
    setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`)
  }
}
