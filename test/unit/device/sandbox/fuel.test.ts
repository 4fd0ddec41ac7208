/** What a unit costs, however it ends. */
import { describe, expect, test } from 'vitest'
import { HostTrouble } from '../../../../device/sandbox/host-trouble.ts'
import { inspectUnit, runUnit, taskOf } from '../../../support/run-task.ts'
import { command, I32, I64, op, range, reactor, wasiImport, wasmModule } from '../../../support/wasm-module.ts'

const PAGES = 32
const divideByZero = [...op.i32(1), ...op.i32(0), ...op.divide, ...op.drop]
/** Counts a global up to `times` in a loop. */
const busy = (times: number) => [
  ...[0x03, 0x40, ...op.global(0), ...op.i32(1), ...op.add, ...op.setGlobal(0)],
  ...[...op.global(0), ...op.i32(times), 0x48, 0x0d, 0, 0x0b],
]
const counting = { globals: [0] }
const writes = { imports: [wasiImport('fd_write', 'iiii:i')] }
const write = (length: number) => [
  ...[...op.i32(0), ...op.i32(64), ...op.store(), ...op.i32(4), ...op.i32(length), ...op.store()],
  ...[...op.i32(1), ...op.i32(0), ...op.i32(1), ...op.i32(8), ...op.call(0), ...op.drop],
]

const ENDS: readonly (readonly [title: string, end: object, module: Uint8Array])[] = [
  ['an answer', { kind: 'ok' }, reactor([...busy(100), ...range(0, 40)], counting)],
  ['an answer written in parts', { kind: 'ok' }, command([...write(800), ...write(80)], writes)],
  [
    'an exit',
    { kind: 'exit', code: 3 },
    command([...op.i32(3), ...op.call(0)], { imports: [wasiImport('proc_exit', 'i:')] }),
  ],
  ['unreachable', { trap: 'unreachable' }, command([...busy(50), ...op.unreachable], counting)],
  ['a division by zero', { trap: 'divide_by_zero' }, command([...busy(50), ...divideByZero], counting)],
  [
    'a load past the end',
    { trap: 'memory_out_of_bounds' },
    command([...busy(7), ...op.i32(-1), ...op.load(), ...op.drop], counting),
  ],
  ['a call of nothing', { trap: 'table_or_call' }, command([...op.i32(1), ...op.callIndirect(0)], { table: 2 })],
  ['recursion without end', { trap: 'stack_exhausted' }, command([...busy(5), ...op.call(0)], counting)],
  ['too much output', { trap: 'output_too_large' }, command([...write(1_048_577)], { ...writes, memory: [1, 0, 17] })],
  ['output that is not there', { trap: 'bad_output' }, reactor([...busy(9), ...range(65_530, 7)], counting)],
]

describe.each(ENDS)('%s', (_title, end, module) => {
  const alone = runUnit(taskOf(module, PAGES), new Uint8Array(40))

  test('costs the same on every run, in instances set back and new, and for who looks closer', () => {
    expect(alone).toMatchObject(end)
    expect(alone.fuel).toBeGreaterThan(0)
    const [task, fresh] = [taskOf(module, PAGES), taskOf(module, PAGES, { fresh: true })]
    for (let unit = 0; unit < 4; unit++) {
      expect(runUnit(task, new Uint8Array(40))).toEqual(alone)
      expect(runUnit(fresh, new Uint8Array(40))).toEqual(alone)
      expect(inspectUnit(task, new Uint8Array(40)).outcome).toEqual(alone)
      expect(inspectUnit(task, new Uint8Array(40), { profile: true }).outcome).toEqual(alone)
    }
  })

  test('is reached with that much fuel and not with less', () => {
    const task = taskOf(module, PAGES)
    const { fuel } = alone
    for (let round = 0; round < 2; round++) {
      expect(runUnit(task, new Uint8Array(40), [], 0, fuel)).toEqual(alone)
      for (const less of [fuel - 1, Math.ceil(fuel / 2), 1]) {
        expect(runUnit(task, new Uint8Array(40), [], 0, less)).toEqual({ kind: 'out_of_fuel', fuel: less })
      }
    }
  })
})

test('a trap costs what was done before it, to the instruction', () => {
  const cost = (code: readonly number[]) => runUnit(taskOf(command(code))).fuel
  const adds = (times: number) => new Array(times).fill([...op.i32(1), ...op.i32(2), ...op.add, ...op.drop]).flat()
  for (const times of [1, 2, 30]) {
    expect(cost([...adds(times), ...divideByZero]) - cost(divideByZero)).toBe(cost(adds(times)) - cost([]))
  }
})

test('a module whose data does not fit its memory costs nothing, for none of its code ran', () => {
  const module = command([...op.unreachable], { data: { at: 65_535, bytes: [1, 2] } })
  expect(runUnit(taskOf(module))).toEqual({ kind: 'trap', trap: 'memory_out_of_bounds', fuel: 0 })
})

test('copying a reactor’s input and output costs by their length', () => {
  const task = taskOf(reactor([...op.local(0), 0xad, ...op.i64(32), 0x86, ...op.local(1), 0xad, 0x84]))
  const [none, some] = [0, 800].map(length => runUnit(task, new Uint8Array(length)).fuel)
  expect((some ?? 0) - (none ?? 0)).toBe(200)
})

test('an endless loop ends when its fuel does', () => {
  const task = taskOf(command(op.forever()))
  expect(runUnit(task, undefined, [], 0, 1_000_000)).toEqual({ kind: 'out_of_fuel', fuel: 1_000_000 })
  const host = command(op.forever([...op.call(0), ...op.drop]), { imports: [wasiImport('sched_yield', ':i')] })
  expect(runUnit(taskOf(host), undefined, [], 0, 100_000)).toEqual({ kind: 'out_of_fuel', fuel: 100_000 })
})

test('the units after one that ended in any way are as if it had not been', () => {
  const module = reactor(
    [
      ...busy(10),
      ...[...op.local(1), ...op.i32(1), 0x46, 0x04, 0x40, ...op.unreachable, 0x0b],
      ...[...op.local(1), ...op.i32(2), 0x46, 0x04, 0x40, ...divideByZero, 0x0b],
      ...[...op.local(1), ...op.i32(3), 0x46, 0x04, 0x40, ...op.forever(), 0x0b],
      ...[...op.i32(0), ...op.global(0), ...op.store(), ...range(0, 4)],
    ],
    counting,
  )
  const task = taskOf(module)
  const calm = runUnit(taskOf(module))
  expect(calm).toMatchObject({ kind: 'ok', bytes: Uint8Array.of(10, 0, 0, 0) })
  for (const length of [1, 2, 3, 2, 1]) {
    expect(runUnit(task, new Uint8Array(length), [], 0, 50_000).kind).not.toBe('ok')
    expect(runUnit(task)).toEqual(calm)
  }
})

test('the end of the engine’s own stack is trouble of the host, and no result', () => {
  // Frames with room for 200 results are larger than what is counted of them, and this process has the engine's default stack.
  const deep = wasmModule({
    functions: [
      { exportAs: '_start', code: [...op.call(1), ...new Array(200).fill(op.drop).flat()] },
      { results: new Array<number>(200).fill(I64), code: op.call(1) },
    ],
  })
  expect(() => runUnit(taskOf(deep))).toThrow(HostTrouble)
  expect(() => runUnit(taskOf(deep))).toThrow(/could not run the unit: Maximum call stack size exceeded/)
})

test('a profile names the fuel of each function, without what it called, and adds up to the whole', () => {
  const twice = wasmModule({
    ...writes,
    globals: [0],
    functions: [
      { exportAs: '_start', code: [...busy(20), ...op.call(2), ...op.call(2), ...write(80)] },
      { code: busy(500) },
      { params: [I32], code: [] },
    ],
  })
  const { outcome, profile } = inspectUnit(taskOf(twice), undefined, { profile: true })
  const sum = profile.reduce((total, { fuel }) => total + fuel, 0)
  expect(profile.map(({ index }) => index)).toEqual([1, 2, 3])
  const [start, loop, unused] = profile.map(({ fuel }) => fuel)
  expect(loop).toBeGreaterThan(4 * (start ?? 0))
  expect(unused).toBe(0)
  // The bytes written and their list are the host's.
  expect(outcome.fuel - sum).toBe(74)
  expect(inspectUnit(taskOf(twice)).profile).toEqual([])
})

test('standard error is for who asks, and changes nothing', () => {
  const module = command(
    [
      ...[...op.i32(0), ...op.i32(64), ...op.store(), ...op.i32(4), ...op.i32(3), ...op.store()],
      ...[...op.i32(2), ...op.i32(0), ...op.i32(1), ...op.i32(8), ...op.call(0), ...op.drop, ...divideByZero],
    ],
    { ...writes, data: { at: 64, bytes: [111, 104, 33] } },
  )
  const task = taskOf(module)
  const { outcome, stderr } = inspectUnit(task)
  expect(new TextDecoder().decode(stderr)).toBe('oh!')
  expect(outcome).toEqual(runUnit(task))
})
