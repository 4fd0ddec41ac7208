/** Modules that no engine may run: every rule of WebAssembly's validation broken once, and instructions of proposals left out. */
import { command, END, FUNCREF, I32, I64, type ModuleShape, op, vector, wasmModule } from '../support/wasm-module.ts'
import { f32Bits, f64Bits, ins, repeat } from './code.ts'
import { forbidden, type Hostile, invalid } from './entry.ts'

type Bytes = readonly number[]

const EXTERNREF = 0x6f
const CODE = 'code section'
/** The section that is named when the engine refuses the module. */
const ENGINE = 'module'
const f32 = f32Bits(0)
const f64 = f64Bits(0)

type Shape = Omit<ModuleShape, 'functions'> & { locals?: Bytes }

/** Code that our own reader refuses. */
function breaks(name: string, words: RegExp, code: Bytes, shape: Shape = {}): Hostile {
  return { name: `invalid: ${name}`, make: () => command(code, shape), expect: invalid(CODE, words) }
}

/** Code that only the engine's validation refuses, with words of its own. */
function unsound(name: string, words: RegExp, code: Bytes, shape: Shape = {}): Hostile {
  return { name: `invalid: ${name}`, make: () => command(code, shape), expect: invalid(ENGINE, words) }
}

const operands: readonly Hostile[] = [
  unsound('an addition of nothing', /not enough arguments/, op.add),
  unsound('an addition of one value', /not enough arguments/, [...op.i32(1), ...op.add, ...op.drop]),
  unsound('an addition of different types', /expected type i32, found i64\.const/, [
    ...op.i32(1),
    ...op.i64(1),
    ...op.add,
    ...op.drop,
  ]),
  unsound('a float where a whole number must be', /expected type i32, found f32\.const/, [
    ...f32,
    ...op.equalsZero,
    ...op.drop,
  ]),
  unsound('a drop of nothing', /not enough arguments/, op.drop),
  unsound('a value left over', /expected 0 elements on the stack/, op.i32(1)),
  unsound('a value left over in a block', /expected 0 elements on the stack/, ins.block(op.i32(1))),
  unsound('a block that takes what lies outside', /not enough arguments/, [...op.i32(1), ...ins.block(op.drop)]),
  unsound('a loop that takes what lies outside', /not enough arguments/, [...op.i32(1), ...ins.loop(op.drop)]),
  unsound('a block without its result', /expected 1 elements on the stack/, [...ins.block([], I32), ...op.drop]),
  unsound('a block with another result', /type error in fallthru/, [...ins.block(op.i64(1), I32), ...op.drop]),
  unsound('an if without a condition', /not enough arguments/, ins.if([])),
  unsound('an if by a 64-bit condition', /expected type i32, found i64\.const/, [...op.i64(1), ...ins.if([])]),
  unsound('an if with a result and no else', /arity/, [...op.i32(1), ...ins.if(op.i32(1), null, I32), ...op.drop]),
  unsound('an else of another type', /type error in fallthru/, [
    ...op.i32(1),
    ...ins.if(op.i32(1), op.i64(1), I32),
    ...op.drop,
  ]),
  breaks('an else without if', /an `else` has no `if`/, ins.else),
  breaks('an else in a block', /an `else` has no `if`/, ins.block(ins.else)),
  breaks('an else twice', /an `else` has no `if`/, [...op.i32(1), 0x04, 0x40, 0x05, 0x05, END]),
  unsound('a branch without the result', /expected 1 elements on the stack/, [
    ...ins.block(ins.br(0), I32),
    ...op.drop,
  ]),
  unsound('a branch with another result', /type error in branch/, [
    ...ins.block([...op.i64(1), ...ins.br(0)], I32),
    ...op.drop,
  ]),
  unsound('a conditional branch without a condition', /not enough arguments/, ins.block(ins.brIf(0))),
  unsound('a jump table without an index', /not enough arguments/, ins.block(ins.brTable([0], 0))),
  unsound('a jump table of different results', /type error in branch/, [
    ...ins.block(
      [...ins.block([...op.i64(1), ...op.i32(0), ...ins.brTable([0], 1)], I64), ...op.drop, ...op.i32(1)],
      I32,
    ),
    ...op.drop,
  ]),
  unsound('a jump table of different results in dead code', /arity/, [
    ...ins.block([...ins.block([...op.unreachable, ...ins.brTable([0], 1)], I64), ...op.drop]),
  ]),
  unsound('a select of different types', /expected type i32, found i64\.const/, [
    ...op.i32(1),
    ...op.i64(1),
    ...op.i32(0),
    ...ins.select,
    ...op.drop,
  ]),
  unsound('a select without a condition', /not enough arguments/, [
    ...op.i32(1),
    ...op.i32(1),
    ...ins.select,
    ...op.drop,
  ]),
  unsound('a select of references without a type', /select without type/, [
    ...ins.refNull(FUNCREF),
    ...ins.refNull(FUNCREF),
    ...op.i32(0),
    ...ins.select,
    ...op.drop,
  ]),
  unsound('a select with no type', /Select accepts exactly one type/, [
    ...op.i32(1),
    ...op.i32(1),
    ...op.i32(0),
    0x1c,
    0,
    ...op.drop,
  ]),
  unsound('a select with two types', /Select accepts exactly one type/, [
    ...op.i32(1),
    ...op.i32(1),
    ...op.i32(0),
    0x1c,
    2,
    I32,
    I32,
    ...op.drop,
  ]),
  unsound('a store of another type', /expected type i32, found f64\.const/, [...op.i32(0), ...f64, ...op.store()]),
  unsound('a load from a 64-bit address', /expected type i32, found i64\.const/, [
    ...op.i64(0),
    ...op.load(),
    ...op.drop,
  ]),
  unsound('a local of another type', /expected type i32, found f32\.const/, [...f32, ...op.setLocal(0)], {
    locals: [I32],
  }),
  unsound('a global of another type', /expected type i32, found i64\.const/, [...op.i64(0), ...op.setGlobal(0)], {
    globals: [0],
  }),
  unsound('a write to an immutable global', /immutable global/, [...op.i32(0), ...op.setGlobal(0)], {
    globals: [{ type: I32, immutable: true, init: op.i32(0) }],
  }),
  unsound('a return without the results', /expected 0 elements on the stack/, [...op.call(0), ...op.i32(1)], {}),
  unsound('values of a wrong type behind unreachable', /expected type i32, found i64\.const/, [
    ...op.unreachable,
    ...op.i64(1),
    ...op.equalsZero,
    ...op.drop,
  ]),
  unsound('a value left over behind unreachable', /expected 0 elements on the stack/, [
    ...op.unreachable,
    ...op.i32(1),
  ]),
  unsound(
    'values of a wrong type behind a branch',
    /expected type i32, found f32\.const/,
    ins.block([...ins.br(0), ...f32, ...op.i32(1), ...op.add, ...op.drop]),
  ),
  unsound('an is-null of a number', /expected reference type/, [...op.i32(0), ...ins.isNull, ...op.drop]),
  unsound(
    'a function for a host reference',
    /expected type funcref, found ref\.null/,
    [...op.i32(0), ...ins.refNull(EXTERNREF), ...ins.tableSet()],
    { table: 1 },
  ),
  breaks('an end too many', /it goes on behind its last `end`/, [...ins.end, ...ins.nop]),
  breaks('an end too few', /it ends too early/, [0x02, 0x40]),
]

const immediates: readonly Hostile[] = [
  unsound('an alignment beyond the access', /invalid alignment/, [...op.i32(0), 0x28, 3, 0, ...op.drop]),
  breaks('an alignment of 2^32', /an access aligns to 2\^32/, [...op.i32(0), 0x28, 32, 0, ...op.drop]),
  unsound('a byte aligned to two', /invalid alignment/, [...op.i32(0), 0x2d, 1, 0, ...op.drop]),
  breaks('a block of an unknown type', /value type 0x41 is not supported/, [0x02, 0x41, END]),
  breaks('a block of a vector type', /it uses SIMD vectors/, [0x02, 0x7b, END]),
  breaks('a local of an unknown type', /value type 0x41 is not supported/, [], { locals: [0x41] }),
  unsound('a size of memory 1', /memory index 1/, [0x3f, 1, ...op.drop]),
  unsound('a copy between memories', /memory index 1/, [...op.i32(0), ...op.i32(0), ...op.i32(0), 0xfc, 10, 1, 0]),
  breaks('a null of no reference type', /a null of type 0x7f is not supported/, [0xd0, I32, ...op.drop]),
  breaks('a call through no table', /it names table 0, of 0/, [...op.i32(0), ...op.callIndirect(0)]),
  breaks(
    'placing a segment without a data count',
    /it names data segment 0, of 0/,
    [...op.i32(0), ...op.i32(0), ...op.i32(0), ...ins.memoryInit()],
    { dataSection: [1, 1, 1, 5] },
  ),
  breaks('dropping a segment without a data count', /it names data segment 0, of 0/, ins.dataDrop(), {
    dataSection: [1, 1, 1, 5],
  }),
  breaks(
    'placing elements into no table',
    /it names table 0, of 0/,
    [...op.i32(0), ...op.i32(0), ...op.i32(0), ...ins.tableInit()],
    { elementSection: vector([[1, 0, 0]]) },
  ),
  unsound('a call with too few values', /not enough arguments/, [...op.i32(1), ...op.call(0)], {
    imports: [{ field: 'args_get', params: [I32, I32], results: [I32] }],
  }),
  unsound(
    'a call with values of another type',
    /expected type i32, found i64\.const/,
    [...op.i64(1), ...op.i64(1), ...op.call(0), ...op.drop],
    {
      imports: [{ field: 'args_get', params: [I32, I32], results: [I32] }],
    },
  ),
]

const returns: readonly (readonly [name: string, results: Bytes, code: Bytes])[] = [
  ['no result', [I32], []],
  ['another result', [I32], op.i64(0)],
  ['a result too many', [I32], [...op.i32(0), ...op.i32(0)]],
  ['one of two results', [I32, I32], op.i32(0)],
  ['results in the wrong order', [I32, I64], [...op.i64(0), ...op.i32(0)]],
  ['a return of nothing', [I32], ins.return],
  ['a branch out with nothing', [I32], ins.br(0)],
]

/** Instructions outside the profile that engines know, each with what it takes. */
const proposals: readonly (readonly [feature: string, code: Bytes, reason: RegExp])[] = [
  ['a SIMD constant', [0xfd, 0x0c, ...repeat(16, [0]), ...op.drop], /SIMD|0xfd/],
  ['relaxed SIMD', [...repeat(2, [0xfd, 0x0c, ...repeat(16, [0])]), 0xfd, 0x80, 2, ...op.drop], /SIMD|0xfd/],
  ['an atomic fence', [0xfe, 3, 0], /threads|0xfe/],
  ['an atomic notification', [...op.i32(0), ...op.i32(0), 0xfe, 0, 2, 0, ...op.drop], /threads|0xfe/],
  ['a tail call', [0x12, 0], /tail calls|0x12/],
  ['an old try block', [0x06, 0x40, 0x19, END], /exception|0x6/],
  ['a try table', [0x1f, 0x40, 0, END], /exception|0x1f/],
  ['a typed null check', [...ins.refNull(FUNCREF), 0xd4, ...op.drop], /reference|0xd4/],
  ['a garbage-collected number', [...op.i32(1), 0xfb, 28, ...op.drop], /garbage|0xfb/],
]

/** First bytes that nothing begins with. */
const UNKNOWN = [0x16, 0x17, 0x1d, 0x27, 0xc5, 0xcf, 0xd7, 0xf0, 0xfa, 0xff]

export const INVALID: readonly Hostile[] = [
  ...operands,
  ...immediates,
  ...returns.map(
    ([name, results, code]): Hostile => ({
      name: `invalid: a function that gives ${name}`,
      make: () => wasmModule({ functions: [{ exportAs: '_start' }, { results, code }] }),
      expect: invalid(ENGINE, /expected \d elements|type error/),
    }),
  ),
  ...proposals.map(
    ([feature, code, reason]): Hostile => ({
      name: `invalid: ${feature}`,
      make: () => command(code, { dataCount: 0 }),
      expect: forbidden(CODE, reason),
    }),
  ),
  ...UNKNOWN.map(byte => breaks(`instruction 0x${byte.toString(16)}`, /is not supported/, [byte, 0, 0, 0])),
  breaks('prefix instruction 18', /instruction 0xfc 18 is not supported/, [0xfc, 18, 0]),
  breaks('prefix instruction 128', /instruction 0xfc 128 is not supported/, [0xfc, 0x80, 1]),
  {
    name: 'invalid: a reference to a function that nothing declares',
    make: () => wasmModule({ functions: [{ exportAs: '_start', code: [...ins.refFunc(1), ...op.drop] }, {}] }),
    expect: invalid(ENGINE, /undeclared reference/),
  },
]
