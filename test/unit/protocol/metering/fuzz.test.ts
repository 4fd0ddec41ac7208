import { expect, test } from 'vitest'
import { engine } from '../../../../device/sandbox/engine.ts'
import { TaskError } from '../../../../protocol/errors.ts'
import { inspectModule, prepareModule } from '../../../../protocol/metering/index.ts'
import { seededRandom } from '../../../../protocol/random.ts'
import { mutate } from '../../../support/mutate.ts'
import { command, op, range, reactor, wasiImport } from '../../../support/wasm-module.ts'

const SEEDS = 4_000

const SAMPLES = [
  command([...op.i32(0), ...op.i32(1), ...op.store()], { imports: [wasiImport('fd_write', 'iiii:i')], custom: 'name' }),
  reactor(range(16, 32), {
    imports: [wasiImport('random_get', 'ii:i'), wasiImport('clock_time_get', 'iIi:i')],
    more: [{ code: op.unreachable }],
    start: 4,
    table: 4,
    elements: [2, 3],
    globals: [1, 2],
    memory: [1, 1, 1, 8],
    data: { at: 100, bytes: [1, 2, 3] },
  }),
]

function accepts(bytes: Uint8Array): boolean {
  try {
    return new engine.Module(bytes) !== null
  } catch {
    return false
  }
}

test('mutated modules are inspected and prepared, or refused as bad modules, and never made worse', () => {
  let prepared = 0
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = seededRandom(seed)
    const [sample = new Uint8Array(0), other = sample] = seed % 2 === 0 ? SAMPLES : SAMPLES.toReversed()
    const bytes = mutate(sample, other, random)
    try {
      inspectModule(bytes)
      const ready = prepareModule(bytes, { memoryPagesMax: 1_024 }).bytes
      // What the engine takes before, it takes afterwards.
      if (accepts(bytes)) {
        expect(accepts(ready), `seed ${seed}`).toBe(true)
        prepared++
      }
    } catch (error) {
      if (!(error instanceof TaskError)) throw new Error(`seed ${seed}`, { cause: error })
      expect(error.code, `seed ${seed}`).toBe('bad_module')
    }
  }
  expect(prepared).toBeGreaterThan(0)
})
