import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inspectModule, meterModule } from '../../../../protocol/metering/index.ts'
import { runUnit, taskOf } from '../../../support/run-task.ts'
import {
  activeData,
  command,
  END,
  F32,
  F64,
  FUNCREF,
  I64,
  op,
  range,
  reactor,
  vector,
  wasiImport,
} from '../../../support/wasm-module.ts'

/** Runs `code` when the first byte of the input is `value`. */
const when = (value: number, code: readonly number[]) => [
  ...[...op.local(0), 0x2d, 0, 0, ...op.i32(value), 0x46, 0x04, 0x40],
  ...[...code, END],
]
const fill = (from: number, length: number) => [...op.i32(from), ...op.i32(0xab), ...op.i32(length), 0xfc, 11, 0]
const increment = (global: number) => [...op.global(global), ...op.i32(1), ...op.add, ...op.setGlobal(global)]
const incrementAt = (at: number) => [...op.i32(at), ...op.i32(at), ...op.load(), ...op.i32(1), ...op.add, ...op.store()]
const storeGlobal = (at: number, global: number, store: number) => [
  ...[...op.i32(at), ...op.global(global), store, 2, 0],
]
const STORE_I32 = 0x36
const STORE_I64 = 0x37
const STORE_F32 = 0x38
const STORE_F64 = 0x39
const exit = (code: number) => [...op.i32(code), ...op.call(0)]
const exits = wasiImport('proc_exit', 'i:')
const f32 = (value: number) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)]
const f64 = (value: number) => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)]
/** NaNs with a payload, one of them signalling. */
const F32_NAN = [0x43, 0x01, 0x00, 0xa0, 0xff]
const F64_NAN = [0x44, 1, 2, 3, 4, 5, 6, 0xfc, 0x7f]

/** Writes the whole of its memory of one page out, changes every byte of it, and ends. */
const dump = (bytes: readonly number[]) =>
  command(
    [
      ...[...op.i32(32), ...op.i32(0), ...op.store(), ...op.i32(36), ...op.i32(65_536), ...op.store()],
      ...[...op.i32(1), ...op.i32(32), ...op.i32(1), ...op.i32(40), ...op.call(0), ...op.drop, ...fill(0, 65_536)],
    ],
    { imports: [wasiImport('fd_write', 'iiii:i')], dataSection: bytes },
  )

/** Calls the first entry of its table, which returns 1, and puts a function that returns 2 there. */
const tableSetter = reactor(
  [
    ...[...op.i32(0), ...op.i32(0), ...op.callIndirect(3), ...op.store()],
    ...[...op.i32(0), 0xd2, 3, 0x26, 0, ...range(0, 4)],
  ],
  {
    table: 1,
    elementSection: vector([
      [0, ...op.i32(0), END, 1, 2],
      [3, 0, 1, 3],
    ]),
    more: [
      { results: [0x7f], code: op.i32(1) },
      { results: [0x7f], code: op.i32(2) },
    ],
  },
)

const MODULES: readonly (readonly [title: string, module: Uint8Array, resettable: boolean])[] = [
  [
    'counts in a global',
    reactor([...increment(0), ...storeGlobal(0, 0, STORE_I32), ...range(0, 4)], { globals: [-7] }),
    true,
  ],
  [
    'counts in a global it exports, as every number type',
    reactor(
      [
        ...[...op.global(0), ...op.i64(1), 0x7c, ...op.setGlobal(0), ...storeGlobal(0, 0, STORE_I64)],
        ...[...op.global(1), ...f32(0.25), 0x92, ...op.setGlobal(1), ...storeGlobal(8, 1, STORE_F32)],
        ...[...op.global(2), ...f64(0.1), 0xa0, ...op.setGlobal(2), ...storeGlobal(16, 2, STORE_F64)],
        ...range(0, 24),
      ],
      {
        globals: [
          { type: I64, init: [0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], exportAs: 'wide' },
          { type: F32, init: f32(-1e-45), exportAs: 'short' },
          { type: F64, init: f64(0.1), exportAs: 'long' },
        ],
      },
    ),
    true,
  ],
  [
    'has negative zeros and leaves NaNs',
    reactor(
      [
        ...[...storeGlobal(0, 0, STORE_F32), ...storeGlobal(8, 1, STORE_F64)],
        ...[...F32_NAN, ...op.setGlobal(0), ...F64_NAN, ...op.setGlobal(1), ...range(0, 16)],
      ],
      {
        globals: [
          { type: F32, init: f32(-0) },
          { type: F64, init: f64(-0) },
        ],
      },
    ),
    true,
  ],
  [
    'begins with NaNs and leaves zeros',
    reactor(
      [
        ...[...storeGlobal(0, 0, STORE_F32), ...storeGlobal(8, 1, STORE_F64)],
        ...[...f32(0), ...op.setGlobal(0), ...f64(0), ...op.setGlobal(1), ...range(0, 16)],
      ],
      {
        globals: [
          { type: F32, init: F32_NAN },
          { type: F64, init: F64_NAN },
        ],
      },
    ),
    true,
  ],
  ['overwrites all of a memory without data', dump([0]), true],
  [
    'overwrites all of its memory and data',
    dump(
      vector([
        activeData(3, [9, 8, 7]),
        activeData(4_095, [1, 2]),
        activeData(8_192, [0, 0]),
        activeData(30_000, new Array<number>(9_000).fill(5)),
        activeData(65_535, [4]),
      ]),
    ),
    true,
  ],
  [
    'grows its memory',
    reactor([
      ...[...op.i32(0), ...op.memorySize, ...op.store(), ...op.i32(1), ...op.memoryGrow, ...op.drop],
      ...[...op.i32(4), ...op.i32(65_536), ...op.load(), ...op.store(), ...fill(65_536, 65_536), ...range(0, 8)],
    ]),
    true,
  ],
  [
    'grows its memory by nothing',
    reactor([...op.i32(0), ...op.memoryGrow, ...op.drop, ...incrementAt(8), ...range(0, 16)]),
    true,
  ],
  [
    'changes state when it starts, and when it is initialised, by the random bytes of the unit',
    reactor([...increment(0), ...storeGlobal(16, 0, STORE_I32), ...range(0, 32)], {
      imports: [wasiImport('random_get', 'ii:i')],
      globals: [40],
      data: { at: 24, bytes: [1, 2, 3] },
      more: [
        { code: [...increment(0), ...incrementAt(24), ...op.i32(0), ...op.i32(8), ...op.call(0), ...op.drop] },
        { code: [...increment(0), ...incrementAt(24), ...incrementAt(0)], exportAs: '_initialize' },
      ],
      start: 3,
    }),
    true,
  ],
  ['changes its table', tableSetter, false],
  [
    'drops a segment it copies from',
    reactor([...op.i32(0), ...op.i32(0), ...op.i32(3), 0xfc, 8, 0, 0, 0xfc, 9, 0, ...range(0, 3)], {
      dataSection: vector([[1, 3, 7, 8, 9]]),
      dataCount: 1,
    }),
    false,
  ],
  [
    'changes a global reference',
    reactor([...op.i32(0), ...op.global(0), 0xd1, ...op.store(), 0xd2, 0, ...op.setGlobal(0), ...range(0, 4)], {
      globals: [{ type: FUNCREF, init: [0xd0, FUNCREF] }],
    }),
    false,
  ],
]

describe.each(MODULES)('a module that %s', (_title, module, resettable) => {
  test('answers each unit as if it were the first', () => {
    expect(meterModule(module, { memoryPagesMax: 16 }).resettable).toBe(resettable)
    const [task, fresh] = [taskOf(module), taskOf(module, 16, { fresh: true })]
    for (let unit = 0; unit < 4; unit++) {
      const outcome = runUnit(task, undefined, [], unit)
      expect(outcome.kind).toBe('ok')
      expect(outcome).toEqual(runUnit(taskOf(module), undefined, [], unit))
      expect(outcome).toEqual(runUnit(fresh, undefined, [], unit))
    }
  })
})

/** Changes all the state there is, then ends in the way its input's first byte says. */
const moody = reactor(
  [
    ...[...increment(0), ...storeGlobal(4, 0, STORE_I32), ...incrementAt(0), ...incrementAt(40_000)],
    ...[...op.global(1), ...op.global(1), 0x7c, ...op.setGlobal(1), ...storeGlobal(8, 1, STORE_I64)],
    ...[...op.i32(16), ...op.memorySize, ...op.store(), ...op.i32(20), ...op.i32(40_000), ...op.load(), ...op.store()],
    ...when(1, op.unreachable),
    ...when(2, exit(3)),
    ...when(3, exit(0)),
    ...when(4, [...op.i32(1), ...op.memoryGrow, ...op.drop, ...fill(2_048, 120_000)]),
    ...when(5, fill(2_048, 60_000)),
    ...when(6, op.call(3)),
    ...when(7, [...op.i64(-1), 0x0f]),
    ...when(8, [...op.i32(-1), ...op.load(), ...op.drop]),
    ...range(0, 32),
  ],
  {
    imports: [exits],
    globals: [10, { type: I64, init: op.i64(3), exportAs: 'doubled' }],
    data: { at: 24, bytes: [6, 6, 6] },
    more: [{ code: op.call(3) }, { code: [...incrementAt(0), ...increment(0)] }],
    start: 4,
  },
)
const MOODS = 9

test('units in any order, however they end, answer as in instances of their own', () => {
  expect(inspectModule(moody).abi).toBe('reactor')
  const alone = Array.from({ length: MOODS }, (_, mood) => runUnit(taskOf(moody), Uint8Array.of(mood)))
  expect(new Set(alone.map(({ kind }) => kind))).toEqual(new Set(['ok', 'trap', 'exit']))
  const task = taskOf(moody)
  fc.assert(
    fc.property(fc.array(fc.nat(MOODS - 1), { maxLength: 30 }), moods => {
      const fresh = taskOf(moody, 16, { fresh: true })
      for (const mood of moods) {
        const outcome = runUnit(task, Uint8Array.of(mood))
        expect(outcome).toEqual(alone[mood])
        expect(outcome).toEqual(runUnit(fresh, Uint8Array.of(mood)))
      }
    }),
  )
})
