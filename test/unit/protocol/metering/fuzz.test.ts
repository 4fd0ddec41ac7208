import { expect, test } from 'vitest'
import { engine } from '../../../../device/sandbox/engine.ts'
import { TaskError } from '../../../../protocol/errors.ts'
import { inspectModule, meterModule } from '../../../../protocol/metering/index.ts'
import { type Random, seededRandom } from '../../../../protocol/random.ts'
import { headOf, type MeteredRun, runMetered, runPlain, SHAPES } from '../../../support/metered-run.ts'
import { mutate, pick } from '../../../support/mutate.ts'
import { ins, put, TWO } from '../../../support/wasm-code.ts'
import { command, I32, op, range, reactor, wasiImport } from '../../../support/wasm-module.ts'

const SEEDS = 4_000
const MEMORY_PAGES_MAX = 16
/** Enough for what the samples do, and little enough for mutants without an end. */
const FUEL_MAX = 20_000

const countDown = (body: readonly number[]) => [
  ...ins.loop([...body, ...op.local(0), ...op.i32(1), ...ins.sub, ...ins.tee(0), ...ins.brIf(0)]),
]

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
  command(
    [
      ...[...op.i32(5), ...op.setLocal(0)],
      ...countDown([...op.i32(3), ...op.call(2), ...op.i32(2), ...op.callIndirect(3), ...op.setLocal(1)]),
      ...ins.block([...op.local(1), ...ins.brTable([0, 1], 0), ...TWO]),
      ...[...op.i32(64), ...op.i32(7), ...op.i32(90), ...ins.memoryFill],
      ...put(0, [...op.i32(1), ...op.memoryGrow]),
      ...put(4, [...op.i32(9), ...op.i32(4), ...op.divide]),
      ...put(8, [...op.i32(1), ...op.i32(0), ...op.callIndirect(0)]),
    ],
    {
      imports: [wasiImport('fd_close', 'i:i')],
      locals: [I32, I32],
      more: [
        { params: [I32], code: [...countDown(put(16, op.local(0))), ...op.i32(1), ...op.setGlobal(0)] },
        { results: [I32], code: [...op.i32(1), ...ins.if([...op.i32(6), ...ins.br(1)]), ...op.global(0)] },
      ],
      table: 4,
      elements: [0, 1, 3, 2],
      globals: [4],
      memory: [1, 1, 1, 8],
    },
  ),
]

function accepts(bytes: Uint8Array): boolean {
  try {
    return new engine.Module(bytes) !== null
  } catch {
    return false
  }
}

/** What a run came to, for comparison; null when it could not begin because a segment has no room. */
function tryRun<T>(run: () => T): T | null {
  try {
    return run()
  } catch (error) {
    if (error instanceof engine.RuntimeError) return null
    throw error
  }
}

const summary = (run: MeteredRun) => ({ ending: run.ending, trap: run.trap, fuel: run.fuel, head: headOf(run.memory) })

/** Runs a mutant in every shape: all come to the same, and to what it does without metering. */
function compareRuns(bytes: Uint8Array): void {
  const options = { memoryPagesMax: MEMORY_PAGES_MAX }
  const runs = SHAPES.map(shape => tryRun(() => runMetered(bytes, shape, FUEL_MAX, options)))
  const [fast, exact, profile] = runs.map(run => (run === null ? null : summary(run)))
  expect(profile).toEqual(exact)
  // The first shape's fuel is stale after a trap of the engine's.
  expect({ ...fast, fuel: exact?.fuel }).toEqual({ ...exact, fuel: exact?.fuel })
  if (fast?.trap === '') expect(fast.fuel).toBe(exact?.fuel)
  const { maximumPages } = inspectModule(bytes).memory
  if (maximumPages === null || maximumPages > MEMORY_PAGES_MAX) return
  if (exact?.ending !== 'ok' && exact?.ending !== 'trap') return
  const plain = runPlain(bytes)
  expect({ ending: plain.ending, trap: plain.trap }).toEqual({ ending: exact.ending, trap: exact.trap })
  if (plain.memory.length > 0) expect(headOf(plain.memory)).toEqual(exact.head)
}

/** One or two bytes changed near each other: more of these are still modules than of what `mutate` makes. */
function nudge(sample: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(sample)
  const at = 8 + pick(random, bytes.length - 8)
  bytes[at] = pick(random, 2) === 0 ? pick(random, 256) : (bytes[pick(random, bytes.length)] ?? 0)
  if (pick(random, 3) === 0) bytes[at + 1 + pick(random, 3)] = pick(random, 256)
  return bytes
}

test.each([
  ['mutated', 20, (sample, other, random) => mutate(sample, other, random)],
  ['nudged', 200, (sample, _other, random) => nudge(sample, random)],
] satisfies [string, number, (sample: Uint8Array, other: Uint8Array, random: Random) => Uint8Array][])(
  '%s modules are refused as bad modules, or run in every shape as they do without metering',
  (_title, ranMin, change) => {
    let ran = 0
    for (let seed = 0; seed < SEEDS; seed++) {
      const [sample = new Uint8Array(0), other = sample] = [SAMPLES[seed % 3], SAMPLES[(seed + 1) % 3]]
      try {
        if (meterAndRun(change(sample, other, seededRandom(seed)))) ran++
      } catch (error) {
        if (!(error instanceof TaskError)) throw new Error(`seed ${seed}`, { cause: error })
        expect(error.code, `seed ${seed}`).toBe('bad_module')
      }
    }
    expect(ran).toBeGreaterThan(ranMin)
  },
)

/** Whether the engine takes the module; if so, it must take what metering makes of it. */
function meterAndRun(bytes: Uint8Array): boolean {
  inspectModule(bytes)
  const metered = SHAPES.map(shape => meterModule(bytes, { memoryPagesMax: MEMORY_PAGES_MAX, shape }).bytes)
  if (!accepts(bytes)) return false
  expect(metered.map(accepts)).toEqual([true, true, true])
  compareRuns(bytes)
  return true
}
