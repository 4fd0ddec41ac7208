import { randomBytes } from 'node:crypto'
import type { Random } from '../random.ts'

/** The operating system's generator. */
export const systemRandom: Random = {
  bytes: count => new Uint8Array(randomBytes(count)),
  uniform: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
}
