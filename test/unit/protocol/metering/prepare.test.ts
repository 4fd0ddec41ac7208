import { expect, test } from 'vitest'
import { engine } from '../../../../device/sandbox/engine.ts'
import { TaskError } from '../../../../protocol/errors.ts'
import { inspectModule, prepareModule, START_EXPORT } from '../../../../protocol/metering/index.ts'
import { command, op, range, reactor, wasiImport } from '../../../support/wasm-module.ts'

const memoryOf = (initial: number, maximum: number) => new engine.Memory({ initial, maximum })

/** Instantiates a prepared module and returns its exports. */
function instantiate(bytes: Uint8Array, memory: object): Readonly<Record<string, unknown>> {
  const zero = () => 0
  const imports = {
    hedgerow: { memory },
    wasi_snapshot_preview1: { random_get: zero, fd_write: zero },
    env: { abort: zero },
  }
  return new engine.Instance(new engine.Module(bytes), imports).exports
}

test('takes its memory from the host', () => {
  const { bytes: prepared } = prepareModule(command([...op.i32(8), ...op.i32(77), ...op.store()]), {
    memoryPagesMax: 4,
  })
  const memory = memoryOf(1, 4)
  const exports = instantiate(prepared, memory)
  expect(exports.memory).toBe(memory)
  const run = exports._start as () => void
  run()
  expect(new Uint8Array(memory.buffer)[8]).toBe(77)
})

test.each([
  ['the cap when the module sets no maximum', [1, 0, 1], 4],
  ['the cap when the module allows itself more', [1, 1, 1, 9], 4],
  ['its own maximum when that is less', [1, 1, 1, 3], 3],
])('bounds the memory by %s', (_title, memory, maximum) => {
  const { bytes: prepared } = prepareModule(command([], { memory }), { memoryPagesMax: 4 })
  expect(() => instantiate(prepared, memoryOf(1, maximum))).not.toThrow()
  expect(() => instantiate(prepared, memoryOf(1, maximum + 1))).toThrow(/maximum/)
})

test('refuses a memory that starts above the cap, and says what to change', () => {
  const prepare = () => prepareModule(command([], { memory: [1, 0, 5] }), { memoryPagesMax: 4 })
  expect(prepare).toThrow(TaskError)
  expect(prepare).toThrow(/memory section.*starts at 5 pages, the job allows 4\. Raise the job's memory/)
})

test('keeps imports, functions, globals, table, data and custom sections as they are', () => {
  const original = reactor(
    [
      ...op.local(1),
      ...op.global(0),
      ...op.add,
      ...op.i32(0),
      ...op.load(),
      ...op.add,
      ...op.setGlobal(0),
      ...range(8, 4),
    ],
    {
      imports: [wasiImport('random_get', 'ii:i')],
      globals: [30],
      table: 3,
      elements: [1, 2],
      data: { at: 0, bytes: [5] },
      custom: 'producers',
    },
  )
  const { bytes: prepared } = prepareModule(original, { memoryPagesMax: 2 })
  const exports = instantiate(prepared, memoryOf(1, 2))
  const run = exports.run as (pointer: number, length: number) => bigint
  expect(run(0, 7)).toBe(BigInt(8 * 2 ** 32 + 4))
  expect(Object.keys(exports)).toEqual(['alloc', 'run', 'memory', 'hedgerow.global.0'])
  // One import entry and one export more, one section less: everything else is copied.
  const shared = original.subarray(original.length - 40)
  expect(prepared.subarray(prepared.length - 40)).toEqual(shared)
})

test('makes an import section where there is none, before whatever follows', () => {
  for (const shape of [{}, { table: 1 }, { custom: 'first' }]) {
    const { bytes: prepared } = prepareModule(command([], shape), { memoryPagesMax: 1 })
    expect(() => instantiate(prepared, memoryOf(1, 1))).not.toThrow()
  }
})

test('turns the start function into an export, so that instantiating runs nothing', () => {
  const bytes = reactor(range(0, 0), {
    more: [{ code: [...op.i32(4), ...op.i32(1), ...op.store()] }],
    start: 2,
  })
  const memory = memoryOf(1, 1)
  const exports = instantiate(prepareModule(bytes, { memoryPagesMax: 1 }).bytes, memory)
  expect(new Uint8Array(memory.buffer)[4]).toBe(0)
  const start = exports[START_EXPORT] as () => void
  start()
  expect(new Uint8Array(memory.buffer)[4]).toBe(1)
})

test('is refused when prepared again, since its memory is no longer its own', () => {
  const { bytes: prepared } = prepareModule(command([]), { memoryPagesMax: 1 })
  expect(() => inspectModule(prepared)).toThrow(/'hedgerow\.memory' \(memory\)/)
})
