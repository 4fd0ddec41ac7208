/** Names of what the profile leaves out, so that a refusal tells an author which switch of the compiler is to blame. */

/** What to do about a proposal that the profile leaves out. */
export const PLAIN_BUILD =
  'Build for the WebAssembly 2.0 core without proposals (for Rust and C: no target-feature flags).'

/** A feature outside the profile. */
export interface Feature {
  readonly name: string
  readonly advice: string
}

const SIMD = { name: 'SIMD', advice: 'Build without SIMD (no -msimd128, no +simd128).' }
const THREADS = { name: 'threads', advice: 'Build without threads (no -pthread, no +atomics).' }
const EXCEPTIONS = {
  name: 'exception handling',
  advice: 'Build without exceptions (-fno-exceptions, panic = "abort").',
}
const TAIL_CALLS = { name: 'tail calls', advice: 'Build without tail calls (no -mtail-call, no +tail-call).' }
const REFERENCES = { name: 'typed function references', advice: PLAIN_BUILD }
const GC = { name: 'garbage collection', advice: 'Compile to linear memory instead of WasmGC.' }

const FEATURES: readonly (readonly [first: number, last: number, feature: Feature])[] = [
  [0x06, 0x0a, EXCEPTIONS],
  [0x12, 0x13, TAIL_CALLS],
  [0x14, 0x15, REFERENCES],
  [0x18, 0x19, EXCEPTIONS],
  [0x1f, 0x1f, EXCEPTIONS],
  [0xd3, 0xd6, REFERENCES],
  [0xfb, 0xfb, GC],
  [0xfd, 0xfd, SIMD],
  [0xfe, 0xfe, THREADS],
]

/** The feature that an instruction outside the profile belongs to, by its first byte; null when nobody knows it. */
export function featureOf(firstByte: number): Feature | null {
  return FEATURES.find(([first, last]) => firstByte >= first && firstByte <= last)?.[2] ?? null
}
