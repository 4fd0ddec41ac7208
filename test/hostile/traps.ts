/** Every way to trap, at every kind of place: the outcome and the fuel must not depend on the machine. */
import { command, FUNCREF, I32, I64, op, reactor, wasiImport, wasmModule } from '../support/wasm-module.ts'
import { choose, count, f32Bits, f64Bits, ins, print, repeat } from './code.ts'
import { alike, type Expectation, type Hostile, ok, trap, units } from './entry.ts'

type Bytes = readonly number[]

const PAGE = 65_536
const NAN = { f32: f32Bits(0x7fc00000), f64: f64Bits(0x7ff80000) }
/** 2^31 and 2^63: one more than the largest signed numbers. */
const HUGE = { f32: f32Bits(0x4f000000), f64: f64Bits(0x41e00000), f64of64: f64Bits(0x43e00000) }
const SMALLEST = { i32: op.i32(-(2 ** 31)), i64: [0x42, ...repeat(9, [0x80]), 0x7f] }

/** Functions and types, by the order in which {@link shape} defines them. */
const OTHER_TYPE = 3
const NOTHING = 4
const RECURSION = 5
const CALLED = 6

/** Instructions that trap, by kind. */
const TRAPS: readonly (readonly [kind: Parameters<typeof trap>[0], code: Bytes])[] = [
  // Unreachable.
  ['unreachable', op.unreachable],
  // A signed division by zero.
  ['divide_by_zero', [...op.i32(1), ...op.i32(0), 0x6d, ...op.drop]],
  // An unsigned division by zero.
  ['divide_by_zero', [...op.i32(1), ...op.i32(0), 0x6e, ...op.drop]],
  // A signed remainder by zero.
  ['divide_by_zero', [...op.i32(1), ...op.i32(0), 0x6f, ...op.drop]],
  // An unsigned remainder by zero.
  ['divide_by_zero', [...op.i32(1), ...op.i32(0), 0x70, ...op.drop]],
  // A signed 64-bit division by zero.
  ['divide_by_zero', [...op.i64(1), ...op.i64(0), 0x7f, ...op.drop]],
  // An unsigned 64-bit division by zero.
  ['divide_by_zero', [...op.i64(1), ...op.i64(0), 0x80, ...op.drop]],
  // A signed 64-bit remainder by zero.
  ['divide_by_zero', [...op.i64(1), ...op.i64(0), 0x81, ...op.drop]],
  // An unsigned 64-bit remainder by zero.
  ['divide_by_zero', [...op.i64(1), ...op.i64(0), 0x82, ...op.drop]],
  // The smallest number divided by -1.
  ['integer_overflow', [...SMALLEST.i32, ...op.i32(-1), 0x6d, ...op.drop]],
  // The smallest 64-bit number divided by -1.
  ['integer_overflow', [...SMALLEST.i64, ...op.i64(-1), 0x7f, ...op.drop]],
  // A float beyond the signed numbers.
  ['integer_overflow', [...HUGE.f32, 0xa8, ...op.drop]],
  // A negative float as an unsigned number.
  ['integer_overflow', [...f32Bits(0xbf800000), 0xa9, ...op.drop]],
  // A NaN as a number.
  ['integer_overflow', [...NAN.f32, 0xa8, ...op.drop]],
  // A NaN as an unsigned number.
  ['integer_overflow', [...NAN.f64, 0xab, ...op.drop]],
  // A double beyond the signed numbers.
  ['integer_overflow', [...HUGE.f64, 0xaa, ...op.drop]],
  // A double beyond the 64-bit numbers.
  ['integer_overflow', [...HUGE.f64of64, 0xb0, ...op.drop]],
  // A NaN as a 64-bit number.
  ['integer_overflow', [...NAN.f64, 0xb1, ...op.drop]],
  // A load beyond the end.
  ['memory_out_of_bounds', [...op.i32(PAGE), ...op.load(), ...op.drop]],
  // A store beyond the end.
  ['memory_out_of_bounds', [...op.i32(PAGE), ...op.i32(0), ...op.store()]],
  // A fill beyond the end.
  ['memory_out_of_bounds', [...op.i32(PAGE), ...op.i32(0), ...op.i32(1), ...ins.memoryFill]],
  // A call through an empty entry.
  ['table_or_call', [...op.i32(1), ...op.callIndirect(NOTHING)]],
  // A call through an entry of another type.
  ['table_or_call', [...op.i32(0), ...op.callIndirect(NOTHING)]],
  // A call beyond the table.
  ['table_or_call', [...op.i32(9), ...op.callIndirect(NOTHING)]],
  // A table read beyond the end.
  ['table_or_call', [...op.i32(9), ...ins.tableGet(), ...op.drop]],
  // A table write beyond the end.
  ['table_or_call', [...op.i32(9), ...ins.refNull(FUNCREF), ...ins.tableSet()]],
  // A call of itself.
  ['stack_exhausted', op.call(RECURSION)],
]

/** Where a trap may be. Local 2 is a counter, function 0 fd_write. */
const PLACES: readonly (readonly [name: string, at: (code: Bytes) => Bytes])[] = [
  ['at once', code => code],
  ['after an output', code => [...print(0, 0, 8), ...code]],
  [
    'after 1 000 turns of a loop',
    code => ins.loop([...count(2), ...op.i32(1_000), ...ins.equal, ...ins.if(code), ...ins.br(0)]),
  ],
  [
    'between stores, before a loop',
    code => [
      ...op.i32(0),
      ...op.i32(1),
      ...op.store(),
      ...code,
      ...op.i32(0),
      ...op.i32(1),
      ...op.store(),
      ...op.forever(),
    ],
  ],
  ['under values on the stack', code => [...op.i32(1), ...op.i64(2), ...code, ...op.drop, ...op.drop]],
  ['inside blocks', code => ins.block(ins.loop(ins.block([...op.i32(1), ...ins.if(code)])))],
]

function shape(called: Bytes): Parameters<typeof reactor>[1] {
  return {
    imports: [wasiImport('fd_write', 'iiii:i')],
    locals: [I32],
    table: 2,
    elements: [OTHER_TYPE],
    more: [
      { params: [I64], results: [I64], code: op.local(0) },
      {},
      { code: op.call(RECURSION) },
      { params: [I32, I32], locals: [I32], code: called },
    ],
  }
}

/** The trap that the number in local 1 chooses, at that place. */
const chosen = (at: (code: Bytes) => Bytes) =>
  choose(
    op.local(1),
    TRAPS.map(([, code]) => [...at(code), ...op.unreachable]),
  )

/** One module for each place, with a unit for each trap: the length of its input chooses. */
function ofEveryKind(place: string, make: () => Uint8Array): Hostile {
  return {
    name: `trap: of every kind, ${place}`,
    make,
    abi: 'reactor',
    inputs: TRAPS.map((_, index) => new Uint8Array(index)),
    expect: units(...TRAPS.map(([kind]) => trap(kind))),
  }
}

/** Takes how often it was called, and the kind of trap when that is often enough. */
const called = [...op.local(0), ...op.i32(1_000), ...ins.equal, ...ins.if(chosen(code => code))]

const everywhere: readonly Hostile[] = [
  ...PLACES.map(([place, at]) => ofEveryKind(place, () => reactor(chosen(at), shape([])))),
  ofEveryKind('in a function that was called a thousand times', () =>
    reactor([...op.forever([...count(2), ...op.local(1), ...op.call(CALLED)]), ...op.i64(0)], shape(called)),
  ),
]

function traps(name: string, make: () => Uint8Array, expect: Expectation, more: Partial<Hostile> = {}): Hostile {
  return { name: `trap: ${name}`, make, expect, ...more }
}

const special: readonly Hostile[] = [
  traps(
    'not the smallest remainder',
    () => command([...SMALLEST.i32, ...op.i32(-1), 0x6f, ...op.drop]),
    alike(3, ok()),
  ),
  traps(
    'not a saturating conversion',
    () => command([...NAN.f32, 0xfc, 0, ...op.drop, ...HUGE.f64, 0xfc, 2, ...op.drop]),
    alike(3, ok()),
  ),
  traps('in a leaf that is called from a loop', leafTrap, alike(3, trap('divide_by_zero'))),
  traps('at the bottom of a recursion', bottomTrap, alike(3, trap('memory_out_of_bounds'))),
  traps(
    'in a function with an unused result',
    () =>
      wasmModule({
        functions: [
          { exportAs: '_start', code: [...op.call(1), ...op.drop] },
          { results: [I32], code: [...op.i32(1), ...op.i32(0), ...op.divide] },
        ],
      }),
    alike(3, trap('divide_by_zero')),
  ),
  traps(
    'that depends on the input, behind an output and random bytes',
    inputTrap,
    units(ok(), trap('divide_by_zero'), ok(), trap('divide_by_zero')),
    {
      abi: 'reactor',
      inputs: ['ab', 'a', 'ab', 'a'].map(text => new TextEncoder().encode(text)),
    },
  ),
  traps(
    'when data does not fit',
    () => command([], { data: { at: PAGE - 1, bytes: [1, 2] } }),
    alike(3, trap('memory_out_of_bounds')),
  ),
  traps(
    'when the second segment does not fit',
    () => command(op.unreachable, { dataSection: [2, 0, 0x41, 0, 0x0b, 1, 1, 0, 0x41, 0x7f, 0x0b, 1, 1] }),
    alike(3, trap('memory_out_of_bounds')),
  ),
  traps('when elements do not fit', () => command([], { table: 1, elements: [0, 0] }), alike(3, trap('table_or_call'))),
]

function leafTrap(): Uint8Array {
  return wasmModule({
    functions: [
      {
        exportAs: '_start',
        locals: [I32],
        code: [
          ...op.i32(500),
          ...op.setLocal(0),
          ...ins.loop([...op.local(0), ...op.call(1), ...op.drop, ...count(0, -1), ...op.drop, ...ins.br(0)]),
        ],
      },
      { params: [I32], results: [I32], code: [...op.i32(1_000), ...op.local(0), ...op.divide] },
    ],
  })
}

function bottomTrap(): Uint8Array {
  return wasmModule({
    functions: [
      { exportAs: '_start', code: [...op.i32(1_000), ...op.call(1)] },
      {
        params: [I32],
        code: [
          ...[...op.local(0), ...op.equalsZero, ...ins.if([...op.i32(-1), ...op.load(), ...op.drop])],
          ...[...op.local(0), ...op.i32(1), ...ins.sub, ...op.call(1)],
        ],
      },
    ],
  })
}

/** Takes random bytes, and divides by the length of its input less one. */
function inputTrap(): Uint8Array {
  return reactor(
    [
      ...[...op.i32(0), ...op.i32(32), ...op.call(0), ...op.drop],
      ...[...op.i32(7), ...op.local(1), ...op.i32(1), ...ins.sub, ...op.divide, ...op.drop, ...op.i64(0)],
    ],
    { imports: [wasiImport('random_get', 'ii:i')] },
  )
}

export const TRAPPING: readonly Hostile[] = [...everywhere, ...special]
