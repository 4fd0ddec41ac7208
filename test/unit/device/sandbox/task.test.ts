import { expect, test } from 'vitest'
import { engine } from '../../../../device/sandbox/engine.ts'
import type { Task } from '../../../../device/sandbox/task.ts'
import { TaskModule } from '../../../../device/sandbox/task-module.ts'
import { TaskError } from '../../../../protocol/errors.ts'
import type { UnitOutcome } from '../../../../protocol/messages/index.ts'
import { runUnit, taskOf } from '../../../support/run-task.ts'
import { command, I32, op, REACTOR_INPUT, range, reactor, wasiImport } from '../../../support/wasm-module.ts'

const trap = (kind: string) => ({ kind: 'trap', trap: kind })
const abort = { module: 'env', field: 'abort', params: [I32, I32, I32, I32] }
const bytesOf = (outcome: UnitOutcome) => (outcome.kind === 'ok' ? [...outcome.bytes] : outcome)
/** How a unit of the task ends, whatever it costs. */
function endOf(task: Task, input?: Uint8Array) {
  const { fuel, ...end } = runUnit(task, input)
  expect(fuel).toBeGreaterThanOrEqual(0)
  return end
}

const TRAPS: readonly (readonly [kind: string, title: string, module: Uint8Array])[] = [
  ['unreachable', 'unreachable', command([...op.unreachable])],
  [
    'unreachable',
    "AssemblyScript's abort",
    command([...op.i32(0), ...op.i32(0), ...op.i32(0), ...op.i32(0), ...op.call(0)], { imports: [abort] }),
  ],
  ['memory_out_of_bounds', 'a load past the end', command([...op.i32(65_533), ...op.load(), ...op.drop])],
  ['memory_out_of_bounds', 'data past the end', command([], { data: { at: 65_535, bytes: [1, 2] } })],
  [
    'memory_out_of_bounds',
    'a bulk fill past the end',
    command([...op.i32(65_000), ...op.i32(1), ...op.i32(1_000), 0xfc, 11, 0]),
  ],
  ['divide_by_zero', 'a division by zero', command([...op.i32(1), ...op.i32(0), ...op.divide, ...op.drop])],
  ['divide_by_zero', 'a remainder by zero', command([...op.i32(1), ...op.i32(0), 0x6f, ...op.drop])],
  ['integer_overflow', 'the quotient 2^31', command([...op.i32(-(2 ** 31)), ...op.i32(-1), ...op.divide, ...op.drop])],
  ['integer_overflow', 'infinity as an integer', command([0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f, 0xaa, ...op.drop])],
  ['table_or_call', 'a call outside the table', command([...op.i32(9), ...op.callIndirect(0)], { table: 2 })],
  ['table_or_call', 'a call of nothing', command([...op.i32(1), ...op.callIndirect(0)], { table: 2 })],
  [
    'table_or_call',
    'a call of another type',
    reactor([...op.i32(0), ...op.callIndirect(2), ...range(0, 0)], { more: [{}], table: 1, elements: [0] }),
  ],
  ['table_or_call', 'elements past the table', command([], { table: 1, elements: [0, 0] })],
  ['stack_exhausted', 'endless recursion', command([...op.call(0)])],
  ['bad_output', 'an output outside the memory', reactor(range(65_530, 7))],
  ['bad_output', 'an output that wraps around', reactor(op.i64(-1))],
  ['output_too_large', 'an output over the limit', reactor(range(0, 1_048_577), { memory: [1, 0, 17] })],
]

test.each(TRAPS)('reports %s for %s [END-1.2]', (kind, _title, module) => {
  expect(endOf(taskOf(module, 32))).toEqual(trap(kind))
})

test.each([
  ['data', 'memory_out_of_bounds', command([], { data: { at: 65_535, bytes: [1, 2] } })],
  ['elements', 'table_or_call', command([], { table: 1, elements: [0, 0] })],
])('%s that do not fit end a unit before anything is charged [PROFILE-2.4]', (_what, kind, module) => {
  expect(runUnit(taskOf(module))).toEqual({ kind: 'trap', trap: kind, fuel: 0 })
})

test('meets no trap that it cannot name in float conversions of every kind', () => {
  for (const code of [0xaa, 0xab, 0xb0, 0xb1]) {
    const module = command([0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, code, ...op.drop])
    expect(endOf(taskOf(module))).toEqual(trap('integer_overflow'))
  }
})

test('gives a reactor its input and takes the range it returns', () => {
  const echo = reactor([
    ...op.local(0),
    0xad,
    ...op.i64(32),
    0x86,
    ...op.local(1),
    0xad,
    0x84, // pointer << 32 | length
  ])
  expect(bytesOf(runUnit(taskOf(echo), Uint8Array.of(1, 2, 3)))).toEqual([1, 2, 3])
  expect(bytesOf(runUnit(taskOf(echo)))).toEqual([])
})

test('calls the start function, then _initialize, before a reactor works [END-1.3]', () => {
  const append = (digit: number) => [
    ...op.i32(0),
    ...op.i32(0),
    ...op.load(),
    ...op.i32(10),
    0x6c,
    ...op.i32(digit),
    ...op.add,
    ...op.store(),
  ]
  const module = reactor([...append(3), ...range(0, 4)], {
    more: [{ code: append(1) }, { code: append(2), exportAs: '_initialize' }],
    start: 2,
  })
  expect(bytesOf(runUnit(taskOf(module)))).toEqual([123, 0, 0, 0])
})

test('lets nothing pass from one unit to the next: globals, memory, table and grown pages start anew [PROFILE-2.3]', () => {
  const counters = reactor(
    [
      ...op.global(0),
      ...op.i32(1),
      ...op.add,
      ...op.setGlobal(0),
      ...op.i32(0),
      ...op.i32(0),
      ...op.load(),
      ...op.i32(1),
      ...op.add,
      ...op.store(),
      ...op.i32(4),
      ...op.global(0),
      ...op.store(),
      ...op.i32(8),
      ...op.memorySize,
      ...op.store(),
      ...op.i32(1),
      ...op.memoryGrow,
      ...op.drop,
      ...op.i32(65_536),
      ...op.i32(9),
      ...op.store(), // writes to the page it grew by
      ...range(0, 12),
    ],
    { globals: [5] },
  )
  const task = taskOf(counters)
  const first = [1, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0]
  for (let unit = 0; unit < 3; unit++) expect(bytesOf(runUnit(task, undefined, [], unit))).toEqual(first)
})

test('starts anew after a unit that trapped', () => {
  // Traps when the input is not empty, after leaving a mark.
  const module = reactor([
    ...op.i32(0),
    ...op.i32(0),
    ...op.load(),
    ...op.i32(1),
    ...op.add,
    ...op.store(),
    ...op.local(1),
    0x04,
    0x40,
    ...op.unreachable,
    0x0b,
    ...range(0, 4),
  ])
  const task = taskOf(module)
  expect(endOf(task, Uint8Array.of(1))).toEqual(trap('unreachable'))
  expect(bytesOf(runUnit(task))).toEqual([1, 0, 0, 0])
})

test('grows to the job’s limit and no further', () => {
  const module = reactor([
    ...op.i32(0),
    ...op.i32(14),
    ...op.memoryGrow,
    ...op.store(),
    ...op.i32(4),
    ...op.i32(1),
    ...op.memoryGrow,
    ...op.store(),
    ...range(0, 8),
  ])
  expect(bytesOf(runUnit(taskOf(module, 15)))).toEqual([1, 0, 0, 0, 255, 255, 255, 255])
})

test('ends a command by its exit code, whatever runs above it', () => {
  const exit = (code: number) =>
    command([...op.i32(code), ...op.call(0), ...op.unreachable], { imports: [wasiImport('proc_exit', 'i:')] })
  expect(endOf(taskOf(exit(7)))).toEqual({ kind: 'exit', code: 7 })
  expect(endOf(taskOf(exit(-1)))).toEqual({ kind: 'exit', code: 4_294_967_295 })
  expect(bytesOf(runUnit(taskOf(exit(0))))).toEqual([])
})

test('puts the input where alloc says, and traps when that is outside the memory', () => {
  const module = reactor([...op.i32(0), ...op.i32(REACTOR_INPUT), ...op.load(), ...op.store(), ...range(0, 4)])
  expect(bytesOf(runUnit(taskOf(module), Uint8Array.of(5)))).toEqual([5, 0, 0, 0])
  expect(endOf(taskOf(module), new Uint8Array(65_536))).toEqual(trap('bad_output'))
})

/** What a module is refused with. */
function refusal(bytes: Uint8Array, abi: 'wasi' | 'reactor' = 'wasi') {
  try {
    new TaskModule(bytes, { abi, memoryPagesMax: 16 })
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TaskError)
    if (thrown instanceof TaskError) return { info: thrown.info, message: thrown.message }
  }
  return null
}

test('refuses a module that the engine would not take as it is, with the engine’s reason and place', () => {
  const nothingToAdd = command([...op.add, ...op.drop])
  const at = nothingToAdd.indexOf(op.add[0], nothingToAdd.length - 4)
  expect(refusal(nothingToAdd)).toMatchObject({
    info: { code: 'bad_module', section: 'module', offset: at },
    message: `The module cannot be run: the engine does not accept it at byte ${at}: Compiling function #0 failed: not enough arguments on the stack for i32.add (need 2, got 0).`,
  })
})

test('refuses what the profile forbids although the engine would take it', () => {
  // try … catch_all, which would let a task outlive its end.
  const catches = command([0x06, 0x40, ...op.i32(3), ...op.call(0), 0x19, 0x0b], {
    imports: [wasiImport('proc_exit', 'i:')],
  })
  expect(engine.validate(catches)).toBe(true)
  expect(refusal(catches)?.info).toMatchObject({ code: 'bad_module', reason: expect.stringContaining('exception') })
})

test('refuses a module that is not what the lease says', () => {
  expect(refusal(command([]), 'reactor')?.message).toBe(
    'The module cannot be run: it is a wasi module, the lease says reactor.',
  )
  expect(refusal(command([], { memory: [1, 0, 17] }))?.message).toMatch(/starts? at 17 pages, the job allows 16/)
  expect(refusal(command([]))).toBeNull()
})
