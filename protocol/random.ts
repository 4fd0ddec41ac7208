/** Randomness as it is handed to everything that needs it. */

export interface Random {
  /** `count` random bytes. */
  bytes(count: number): Uint8Array
  /** Uniform in [0, 1). */
  uniform(): number
}

/**
 * A reproducible source for tests and simulations: sfc32 (Chris Doty-Humphrey, PractRand), seeded by FNV-1a of the text.
 * Never for keys.
 */
export function seededRandom(seed: string | number): Random {
  const next = sfc32(String(seed))
  return {
    bytes: count => Uint8Array.from({ length: count }, () => next() & 255),
    uniform: () => next() / 2 ** 32,
  }
}

function sfc32(seed: string): () => number {
  const hash = (salt: number) => {
    let h = 0x811c9dc5 ^ salt
    for (let i = 0; i < seed.length; i++) h = Math.imul(h ^ seed.charCodeAt(i), 0x01000193)
    return h >>> 0
  }
  let a = hash(1)
  let b = hash(2)
  let c = hash(3)
  let counter = 1
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  return next
}
