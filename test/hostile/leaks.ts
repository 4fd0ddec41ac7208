/** Units that leave something behind, each in another way, and units after them that look for it. */
import {
  activeData,
  END,
  F32,
  F64,
  FUNCREF,
  type GlobalParts,
  I32,
  I64,
  op,
  range,
  reactor,
  vector,
  wasiImport,
} from '../support/wasm-module.ts'
import { f32Bits, f64Bits, ins } from './code.ts'
import { exit, type Hostile, MEMORY_PAGES, okWords, outOfFuel, trap, type UnitExpectation, units } from './entry.ts'

type Bytes = readonly number[]

const PAGE = 65_536
const SECRET = 0x5e
/** The unit with an input writes, the ones without look. */
const LEAVES = new TextEncoder().encode('leave')
const NONE = new Uint8Array(0)

interface Leak {
  readonly name: string
  /** Of the unit that writes; it may end as it likes. */
  readonly writes: Bytes
  /** What it comes to, when that is not the answer of the others. */
  readonly ends?: UnitExpectation
  /** Leaves words at address 0. */
  readonly looks: Bytes
  /** What the others must see: what the first unit of a process sees. */
  readonly sees: readonly number[]
  readonly shape?: Parameters<typeof reactor>[1]
}

function leak({ name, writes, ends, looks, sees, shape = {} }: Leak): Hostile {
  const seen = okWords(...sees)
  const answer = range(0, sees.length * 4)
  return {
    name: `leak: ${name}`,
    make: () =>
      reactor([...op.local(1), ...ins.if([...writes, ...answer, ...ins.return]), ...looks, ...answer], {
        locals: [I32, I32],
        ...shape,
      }),
    abi: 'reactor',
    inputs: [NONE, LEAVES, NONE, LEAVES, LEAVES, NONE],
    expect: units(seen, ends ?? seen, seen, ends ?? seen, ends ?? seen, seen),
  }
}

const put = (at: number, code: Bytes) => [...op.i32(at), ...code, ...op.store()]
const fill = (pages: number) => [...op.i32(0), ...op.i32(SECRET), ...op.i32(pages * PAGE), ...ins.memoryFill]
const growAll = [...op.i32(MEMORY_PAGES - 1), ...op.memoryGrow, ...op.drop]
/** Counts the 64-bit words that are not zero, and stores that and the size of the memory. Locals 2 and 3 are an address and the count. */
const search = [
  ...ins.loop([
    ...[
      ...op.local(2),
      ...ins.load64(),
      ...ins.i64EqualsZero,
      ...op.equalsZero,
      ...op.local(3),
      ...op.add,
      ...op.setLocal(3),
    ],
    ...[
      ...op.local(2),
      ...op.i32(8),
      ...op.add,
      ...ins.tee(2),
      ...op.memorySize,
      ...op.i32(16),
      ...ins.shiftLeft,
      ...ins.lessUnsigned,
    ],
    ...ins.brIf(0),
  ]),
  ...[...put(0, op.local(3)), ...put(4, op.memorySize)],
]
const exits = { imports: [wasiImport('proc_exit', 'i:')] }
/** Every way that a unit can end, behind what it has written. */
const endings: readonly (readonly [name: string, code: Bytes, ends: UnitExpectation, shape?: Leak['shape']])[] = [
  ['a trap', op.unreachable, trap('unreachable')],
  [
    'a trap that is run again to count it',
    [...op.i32(1), ...op.i32(0), ...op.divide, ...op.drop],
    trap('divide_by_zero'),
  ],
  ['no fuel', op.forever(), outOfFuel],
  ['no stack', op.call(2), trap('stack_exhausted'), { more: [{ code: op.call(2) }] }],
  ['an exit', [...op.i32(3), ...op.call(0)], exit(3), exits],
  ['a wild answer', [...op.i64(-1), ...ins.return], trap('bad_output')],
]

const memories: readonly Hostile[] = [
  leak({
    name: 'one page',
    writes: [...fill(1), ...put(0, op.i32(0)), ...put(4, op.i32(1))],
    looks: search,
    sees: [0, 1],
  }),
  leak({
    name: 'a memory that grows to its maximum',
    writes: [...growAll, ...fill(MEMORY_PAGES), ...put(0, op.i32(0)), ...put(4, op.i32(1))],
    looks: search,
    sees: [0, 1],
  }),
  leak({
    name: 'pages below a memory that the next unit grows',
    writes: [...growAll, ...fill(MEMORY_PAGES), ...put(0, op.i32(0)), ...put(4, op.i32(4))],
    looks: [...op.i32(3), ...op.memoryGrow, ...op.drop, ...search],
    sees: [0, 4],
  }),
  leak({
    name: 'a memory that is large from the beginning',
    writes: [...fill(MEMORY_PAGES), ...put(0, op.i32(0)), ...put(4, op.i32(MEMORY_PAGES))],
    looks: search,
    sees: [0, MEMORY_PAGES],
    shape: { memory: [1, 0, MEMORY_PAGES] },
  }),
  ...endings.map(([ending, code, ends, shape]) =>
    leak({
      name: `a full memory, and ${ending}`,
      writes: [...growAll, ...fill(MEMORY_PAGES), ...code],
      ends,
      looks: search,
      sees: [0, 1],
      ...(shape && { shape }),
    }),
  ),
  leak({
    name: 'data that is written over',
    writes: [...fill(1), ...put(0, op.i32(0x01020304)), ...put(4, op.i32(0x05060708))],
    looks: [...put(0, [...op.i32(40_000), ...op.load()]), ...put(4, [...op.i32(65_532), ...op.load()])],
    sees: [0x01020304, 0x05060708],
    shape: {
      dataSection: vector([activeData(40_000, [4, 3, 2, 1]), activeData(65_532, [8, 7, 6, 5])]),
    },
  }),
  leak({
    name: 'a segment that is used up',
    writes: [...ins.dataDrop(), ...put(0, op.i32(0x04030201))],
    looks: [...op.i32(0), ...op.i32(0), ...op.i32(4), ...ins.memoryInit()],
    sees: [0x04030201],
    shape: { dataSection: [1, 1, 4, 1, 2, 3, 4], dataCount: 1 },
  }),
  leak({
    name: 'the input before',
    writes: [...put(0, op.i32(0)), ...put(4, op.i32(1))],
    looks: search,
    sees: [0, 1],
  }),
]

/** Globals of every type, mutable. */
const globals: readonly GlobalParts[] = [
  { type: I32, init: op.i32(11), exportAs: 'visible' },
  { type: I64, init: op.i64(12) },
  { type: F32, init: f32Bits(0x7fa0_0000) },
  { type: F64, init: f64Bits(0x4008_0000) },
]
const lookAtGlobals = [
  ...[...put(0, op.global(0)), ...op.i32(4), ...op.global(1), 0xa7, ...op.store()],
  ...[...op.i32(8), ...op.global(2), 0xbc, ...op.store(), ...op.i32(12), ...op.global(3), 0xbd, ...ins.store64()],
]
const changeGlobals = [
  ...[...op.i32(SECRET), ...op.setGlobal(0), ...op.i64(-1), ...op.setGlobal(1)],
  ...[...f32Bits(0x3f80_0000), ...op.setGlobal(2), ...f64Bits(0xfff0_0000), ...op.setGlobal(3)],
]
const GLOBALS_SEEN = [11, 12, 0x7fc0_0000, 0, 0x4008_0000]
const sayAsSeen = GLOBALS_SEEN.flatMap((word, index) => put(index * 4, op.i32(word | 0)))

const variables: readonly Hostile[] = [
  leak({
    name: 'globals',
    writes: [...changeGlobals, ...sayAsSeen],
    looks: lookAtGlobals,
    sees: GLOBALS_SEEN,
    shape: { globals },
  }),
  ...endings.map(([ending, code, ends, shape]) =>
    leak({
      name: `globals, and ${ending}`,
      writes: [...changeGlobals, ...code],
      ends,
      looks: lookAtGlobals,
      sees: GLOBALS_SEEN,
      shape: { globals, ...shape },
    }),
  ),
  leak({
    name: 'hundreds of globals',
    writes: [
      ...Array.from({ length: 300 }, (_, index) => [...op.i32(SECRET), ...op.setGlobal(index)]).flat(),
      ...put(0, op.i32(300)),
    ],
    looks: put(0, [
      ...op.global(0),
      ...Array.from({ length: 299 }, (_, index) => [...op.global(index + 1), ...op.add]).flat(),
    ]),
    sees: [300],
    shape: { globals: new Array<number>(300).fill(1) },
  }),
  leak({
    name: 'a global that holds a reference',
    writes: [...ins.refFunc(0), ...op.setGlobal(0), ...put(0, op.i32(1))],
    looks: put(0, [...op.global(0), ...ins.isNull]),
    sees: [1],
    shape: { globals: [{ type: FUNCREF, init: ins.refNull(FUNCREF) }] },
  }),
]

/** Entry 0 refers to alloc, entry 1 to nothing; entries beyond are counted. */
const tableShape = {
  table: 2,
  elementSection: vector([
    [0, 0x41, 0, END, 1, 0],
    [1, 0, 2, 0, 1],
  ]),
}
const lookAtTable = [
  ...put(0, ins.tableSize()),
  ...put(4, [...op.i32(0), ...ins.tableGet(), ...ins.isNull]),
  ...put(8, [...op.i32(1), ...ins.tableGet(), ...ins.isNull]),
]
const TABLE_SEEN = [2, 0, 1]
const sayTableAsSeen = TABLE_SEEN.flatMap((word, index) => put(index * 4, op.i32(word)))
const tableChanges: readonly (readonly [name: string, code: Bytes])[] = [
  [
    'set',
    [...op.i32(1), ...ins.refFunc(0), ...ins.tableSet(), ...op.i32(0), ...ins.refNull(FUNCREF), ...ins.tableSet()],
  ],
  ['grown', [...ins.refFunc(0), ...op.i32(50), ...ins.tableGrow(), ...op.drop]],
  ['filled', [...op.i32(0), ...ins.refNull(FUNCREF), ...op.i32(2), ...ins.tableFill()]],
  ['copied', [...op.i32(1), ...op.i32(0), ...op.i32(1), ...ins.tableCopy]],
  ['placed', [...op.i32(0), ...op.i32(0), ...op.i32(2), ...ins.tableInit(1)]],
]

const tables: readonly Hostile[] = [
  ...tableChanges.map(([name, code]) =>
    leak({
      name: `a table whose entries are ${name}`,
      writes: [...code, ...sayTableAsSeen],
      looks: lookAtTable,
      sees: TABLE_SEEN,
      shape: tableShape,
    }),
  ),
  leak({
    name: 'elements that are used up',
    writes: [...ins.elemDrop(1), ...sayTableAsSeen, ...put(8, op.i32(0))],
    looks: [...op.i32(0), ...op.i32(0), ...op.i32(2), ...ins.tableInit(1), ...lookAtTable],
    sees: [2, 0, 0],
    shape: tableShape,
  }),
  leak({
    name: 'a table that was changed before a trap',
    writes: [...op.i32(1), ...ins.refFunc(0), ...ins.tableSet(), ...op.unreachable],
    ends: trap('unreachable'),
    looks: lookAtTable,
    sees: TABLE_SEEN,
    shape: tableShape,
  }),
]

export const LEAKS: readonly Hostile[] = [...memories, ...variables, ...tables]
