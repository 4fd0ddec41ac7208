/**
 * Real algorithms as WebAssembly modules: what the metering bench measures, and what is run metered, unmetered and on other processors to compare. Each comes
 * in AssemblyScript and in C with the same outputs, so a kernel that goes wrong is seen. Sources and build lines: `test/bench/metering/kernels`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex, utf8 } from '../../protocol/bytes.ts'
import type { Abi } from '../../protocol/messages/index.ts'
import { composeScript } from '../../protocol/script/index.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const FOLDER = join(ROOT, 'test', 'bench', 'metering', 'kernels')

/** Pages that every kernel gets by with, whichever input it is given, in an instance of its own. */
export const KERNEL_PAGES_MAX = 1_024

export interface Kernel {
  readonly name: string
  readonly language: 'AssemblyScript' | 'C' | 'JavaScript'
  readonly abi: Abi
  /** Whether each run needs an instance of its own. */
  readonly runsOnce: boolean
  /** The module as its compiler made it. */
  readonly bytes: Uint8Array
  /** Takes about a millisecond. */
  readonly test: KernelCase
  /** Takes about ten milliseconds on a desktop core. */
  readonly bench: KernelCase
}

export interface KernelCase {
  readonly input: Uint8Array
  readonly output: Uint8Array
}

/** Sizes, and the outputs in hexadecimal, of the kernels that are there in both languages. */
const REACTORS: Readonly<Record<string, { test: [number, string]; bench: [number, string] }>> = {
  matmul: { test: [24, 'a85d94fd9f5cebc3'], bench: [192, '5b256d2144160a8e'] },
  nbody: { test: [60, 'bbef210190c9f132'], bench: [80_000, '91b816de05caedca'] },
  sieve: { test: [20_000, 'fa4423f309d11669'], bench: [2_000_000, 'aec7635d863cc870'] },
  sha256: { test: [10_000, '2c0d9e3074b36838'], bench: [600_000, '87f77c11003a7217'] },
  lz: { test: [20_000, 'f9585d8e095209d1'], bench: [1_000_000, 'c336320c328a47c4'] },
  mandelbrot: { test: [24, 'b1986514ce64f301'], bench: [400, '09ed6df060ab8e31'] },
  fft: { test: [1, '61e25e15dd605ad1'], bench: [80, 'd871176d109e6380'] },
  json: { test: [60, '432eca30b81ba8bd'], bench: [5_000, 'cfc59cb58f082745'] },
  sort: { test: [3_000, '6fc10e7a2c65dac2'], bench: [120_000, '25765a34ca494499'] },
  crc32: { test: [10_000, '084951c400000000'], bench: [500_000, 'afecec7600000000'] },
  fib: { test: [18, '180a000000000000'], bench: [31, 'dd8a140000000000'] },
  dispatch: { test: [50, '00b46ac007479d15'], bench: [600, '057cab57089fbbcb'] },
  strings: { test: [400, '1eeb1adba173eca5'], bench: [20_000, '73587f808e59c414'] },
  copy: { test: [500, '9e52c17c7a43d9a1'], bench: [100_000, '8112a79ace2e31f8'] },
  tree: { test: [8, '9a3b535a397c7a41'], bench: [15, '1b730b6ea37954bf'] },
  siphash: { test: [1_000, '90c55dd4f194b013'], bench: [250_000, '2f64bc64d9b05c4c'] },
}

const WORDS: { test: KernelCase; bench: KernelCase } = {
  test: { input: prose(2_000), output: utf8("181 lines, 2000 words, 0.0720 of them 'mi'\n") },
  bench: { input: prose(200_000), output: utf8("18181 lines, 200000 words, 0.0660 of them 'ka'\n") },
}

/** The kernels that are compiled to WebAssembly: those of AssemblyScript, then those of C, by name. */
export const KERNELS: readonly Kernel[] = [
  ...Object.keys(REACTORS).map(name => reactor(name, 'AssemblyScript')),
  ...Object.keys(REACTORS).map(name => reactor(name, 'C')),
  { name: 'words', language: 'C', abi: 'wasi', runsOnce: true, bytes: moduleOf('words', 'C'), ...WORDS },
]

function reactor(name: string, language: Kernel['language']): Kernel {
  const sizes = REACTORS[name]
  if (sizes === undefined) throw new Error(`There is no kernel '${name}'.`)
  const { test, bench } = sizes
  return {
    name,
    language,
    abi: 'reactor',
    runsOnce: false,
    bytes: moduleOf(name, language),
    test: sized(...test),
    bench: sized(...bench),
  }
}

function moduleOf(name: string, language: Kernel['language']): Uint8Array {
  return bytesOf(join(FOLDER, 'prebuilt', language === 'C' ? 'c' : 'as', `${name}.wasm`))
}

/**
 * A loop in JavaScript, run by the engine that every JavaScript task has inside.
 * @throws {Error} when the package has not been built
 */
export function scriptKernel(): Kernel {
  const engine = join(ROOT, 'dist', 'protocol', 'javascript-engine.wasm')
  if (!existsSync(engine)) throw new Error('There is no JavaScript engine: run npm run build:fast.')
  return {
    name: 'loop',
    language: 'JavaScript',
    abi: 'reactor',
    runsOnce: true,
    bytes: composeScript(bytesOf(engine), bytesOf(join(FOLDER, 'js', 'loop.js'))),
    test: {
      input: size(60),
      output: utf8(
        '1272196691 {"ends in 2":1,"ends in 3":15,"ends in 5":1,"ends in 7":15,"ends in 1":15,"ends in 9":13}',
      ),
    },
    bench: {
      input: size(3_000),
      output: utf8(
        '1079348438 {"ends in 2":1,"ends in 3":752,"ends in 5":1,"ends in 7":756,"ends in 1":748,"ends in 9":742}',
      ),
    },
  }
}

function sized(units: number, output: string): KernelCase {
  return { input: size(units), output: fromHex(output) }
}

function size(units: number): Uint8Array {
  const input = new Uint8Array(4)
  new DataView(input.buffer).setUint32(0, units, true)
  return input
}

function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path))
}

/** Made-up text of lines and words, some of them often. */
function prose(words: number): Uint8Array {
  const syllables = ['ka', 'lo', 'mi', 'ne', 'su', 'tar', 'wen', 'Ax']
  let state = 1
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const text = Array.from({ length: words }, (_, at) => {
    const word = Array.from({ length: 1 + random(1 + random(4)) }, () => syllables[random(syllables.length)]).join('')
    return word + (at % 11 === 10 ? '.\n' : ' ')
  })
  return utf8(text.join(''))
}
