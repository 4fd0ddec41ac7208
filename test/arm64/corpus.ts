/** What is run on both processors. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { utf8 } from '../../protocol/bytes.ts'
import { seededRandom } from '../../protocol/random.ts'
import { Choices } from '../differential/choices.ts'
import { generateModule } from '../differential/generator.ts'
import { GENERATED, type UnitSetting } from '../differential/unit.ts'
import { KERNEL_PAGES_MAX, KERNELS, scriptKernel } from '../support/kernels.ts'
import { NAN_PROBES } from './nan-probes.ts'

/** A module and what to run it with. */
export interface CorpusCase extends UnitSetting {
  readonly name: string
  readonly module: Uint8Array
  /** Run the plain module too. It is known to end. */
  readonly plain: boolean
}

const GENERATED_COUNT = 350
const RECURSIVE_COUNT = 12
const CHOICES_MAX = 2_400
const PLENTY = 20_000_000_000

/** What Rust's, C's and AssemblyScript's toolchains made of the examples. */
const EXAMPLES: readonly (readonly [path: string, input: string])[] = [
  ['prebuilt/hello-c.wasm', '0 400\n'],
  ['prebuilt/hello-rust.wasm', '0 500\n'],
  ['noop/build/noop.wasm', ''],
  ['word-count/build/word-count.wasm', "The Whale's whale: two words, or three?"],
]

/** All cases: the kernels, the examples, the NaN probes, and modules generated from fixed seeds. */
export function corpus(): CorpusCase[] {
  return [
    ...[...KERNELS, scriptKernel()].map(({ name, language, bytes, test }) => {
      const setting = { input: test.input, fuelMax: PLENTY, pagesMax: KERNEL_PAGES_MAX, plain: false }
      return { name: `kernel ${name} in ${language}`, module: bytes, ...setting }
    }),
    ...EXAMPLES.map(example),
    ...NAN_PROBES.map(({ name, module }) => ({ name, module, ...GENERATED, plain: true })),
    ...Array.from({ length: GENERATED_COUNT }, (_, index) => generated('any', index)),
    ...Array.from({ length: RECURSIVE_COUNT }, (_, index) => generated('recursive', index)),
  ]
}

function example([path, input]: readonly [path: string, input: string]): CorpusCase {
  const module = new Uint8Array(readFileSync(join(import.meta.dirname, '..', '..', 'examples', path)))
  const setting = { input: utf8(input), fuelMax: PLENTY, pagesMax: KERNEL_PAGES_MAX }
  return { name: `example ${path}`, module, ...setting, plain: false }
}

/** A case that is the same for the same seed and index. */
export function generated(kind: 'any' | 'recursive', index: number, seed = 0): CorpusCase {
  const random = seededRandom(`arm64/${seed}/${kind}/${index}`)
  const bytes = random.bytes(100 + Math.floor(random.uniform() * CHOICES_MAX))
  const fuelMax = kind === 'recursive' ? 5_000_000 : GENERATED.fuelMax
  const module = generateModule(new Choices(bytes), kind)
  return { ...GENERATED, fuelMax, name: `${kind} module ${index}`, module, plain: false }
}
