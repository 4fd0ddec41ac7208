/** The protocol's ports on Node: its crypto, clock and randomness, and the file that holds a key. */
export { systemClock } from './clock.ts'
export { generateSeed, nodeSigner, nodeVerifier } from './ed25519.ts'
export { systemRandom } from './random.ts'
export { openSeedFile, type SeedFileWords } from './seed-file.ts'
