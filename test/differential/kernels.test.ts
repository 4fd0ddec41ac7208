import { describe, expect, test } from 'vitest'
import { engine } from '../../device/sandbox/engine.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { type MeterShape, meterModule } from '../../protocol/metering/index.ts'
import { KERNEL_PAGES_MAX, KERNELS, scriptKernel } from '../support/kernels.ts'
import { compareRuns, nameOf } from './compare.ts'
import { runInEngine } from './engine-run.ts'
import { plainModule } from './plain-module.ts'

/** Sizes at which the interpreter is done in a moment. */
const SMALL: Readonly<Record<string, number>> = {
  copy: 1,
  dispatch: 1,
  fft: 1,
  fib: 9,
  json: 2,
  loop: 1,
  mandelbrot: 3,
  matmul: 3,
  nbody: 1,
  sieve: 100,
  strings: 4,
  tree: 3,
}
const SMALL_OTHERS = 24
/** Much of a second in the engine. */
const PLENTY = 50_000_000_000

describe.each([...KERNELS, scriptKernel()])(
  'the kernel $name in $language',
  ({ name, abi, bytes, test: { input } }) => {
    test('does metered what it does plain, at the same fuel in every shape [FUEL-1.2] [NAN-1.1]', () => {
      const meter = (shape: MeterShape) => meterModule(bytes, { memoryPagesMax: KERNEL_PAGES_MAX, shape })
      const { initialPages, maximumPages } = meter('fast').memory
      const pages = { initial: initialPages, maximum: maximumPages }
      const run = (code: Uint8Array, fuelMax: number | null) =>
        runInEngine({ module: new engine.Module(code), pages, fuelMax, input })
      const plain = run(plainModule(bytes, KERNEL_PAGES_MAX), null)
      const exact = run(meter('exact').bytes, PLENTY)
      expect(plain.ending.kind).toBe('ok')
      expect(exact.fuel).toBeGreaterThan(0)
      for (const shape of ['fast', 'exact', 'profile'] as const) {
        const { ending, fuel, output, memory } = run(meter(shape).bytes, PLENTY)
        expect({ ending, fuel, output }, shape).toEqual({
          ending: plain.ending,
          fuel: exact.fuel,
          output: plain.output,
        })
        expect(Buffer.compare(memory, plain.memory), shape).toBe(0)
      }
    })

    test('costs what the rules say it does [FUEL-1.1] [FUEL-1.2]', () => {
      const size = Uint8Array.of(SMALL[name] ?? SMALL_OTHERS, 0, 0, 0)
      const input = abi === 'wasi' ? utf8('ka mi ka\nlo mi.\n') : size
      const setting = { input, fuelMax: 30_000_000, pagesMax: name === 'loop' ? KERNEL_PAGES_MAX : 64 }
      expect(nameOf(compareRuns(bytes, setting, 0.5).ending)).toBe('ok')
    })
  },
)
