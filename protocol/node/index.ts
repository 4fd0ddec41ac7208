/** The protocol's ports on Node: its crypto, clock and randomness, the file that holds a key, and the engine of JavaScript tasks. */
export { systemClock } from './clock.ts'
export { generateSeed, nodeSigner, nodeVerifier } from './ed25519.ts'
export { nodeSha256 } from './hash.ts'
export { readJavaScriptEngine } from './javascript-engine.ts'
export { systemRandom } from './random.ts'
export { openSeedFile, type SeedFileWords } from './seed-file.ts'
export { startVerifyWorkers, type VerifyWorkers } from './verify-workers.ts'
