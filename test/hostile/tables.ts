/** Tables: giant ones, growing ones, and calls through what is not there. */
import { MODULE_LIMITS } from '../../protocol/metering/index.ts'
import {
  command,
  END,
  FUNCREF,
  I32,
  leb,
  type ModuleShape,
  op,
  range,
  reactor,
  section,
  vector,
  wasmModule,
} from '../support/wasm-module.ts'
import { assembled, ins } from './code.ts'
import { alike, forbidden, type Hostile, invalid, okWords, outOfFuel, trap } from './entry.ts'

type Bytes = readonly number[]

const EXTERNREF = 0x6f
const noSuchEntry = trap('table_or_call')
const TABLE = { table: 10 }

function storm(name: string, body: Bytes, shape: Omit<ModuleShape, 'functions'> = TABLE): Hostile {
  return { name: `table: ${name}`, make: () => command(op.forever(body), shape), expect: alike(2, outOfFuel) }
}

function traps(name: string, code: Bytes, shape: Omit<ModuleShape, 'functions'> = TABLE): Hostile {
  return { name: `table: ${name}`, make: () => command(code, shape), expect: alike(3, noSuchEntry) }
}

/** A reactor whose `run` leaves words at address 0. */
function answers(
  name: string,
  code: Bytes,
  words: readonly number[],
  shape: Omit<ModuleShape, 'functions'> = TABLE,
): Hostile {
  const make = () => reactor([...code, ...range(0, words.length * 4)], shape)
  return { name: `table: ${name}`, make, abi: 'reactor', expect: alike(3, okWords(...words)) }
}

/** A command with this table section. */
function sized(name: string, contents: Bytes, expect: Hostile['expect']): Hostile {
  return { name: `table: ${name}`, make: () => assembled({ table: section(4, contents) }), expect }
}

const put = (at: number, code: Bytes) => [...op.i32(at), ...code, ...op.store()]
const grow = (entries: number) => [...ins.refNull(FUNCREF), ...op.i32(entries), ...ins.tableGrow()]
const fill = (at: number, length: number) => [
  ...op.i32(at),
  ...ins.refNull(FUNCREF),
  ...op.i32(length),
  ...ins.tableFill(),
]
const copy = (to: number, from: number, length: number) => [
  ...op.i32(to),
  ...op.i32(from),
  ...op.i32(length),
  ...ins.tableCopy,
]
const init = (to: number, from: number, length: number) => [
  ...op.i32(to),
  ...op.i32(from),
  ...op.i32(length),
  ...ins.tableInit(),
]
/** A passive segment of functions 0, 0 and 0. */
const passive = { elementSection: vector([[1, 0, 3, 0, 0, 0]]) }
/** As many entries as there may be. */
const LARGE = MODULE_LIMITS.tableEntriesMax
const large = { table: LARGE }
/** Growing stops somewhere at or below this, and at the same size everywhere. */
const MOST = LARGE

export const TABLES: readonly Hostile[] = [
  storm('growing by nothing', [...grow(0), ...op.drop]),
  storm('growing by one entry', [...grow(1), ...op.drop]),
  {
    name: 'table: growing by one entry to the limit, and then a trap that is counted anew',
    make: () =>
      command(
        [
          ...ins.loop([...grow(1), ...op.i32(-1), ...ins.ne, ...ins.brIf(0)]),
          ...op.i32(1),
          ...op.i32(0),
          ...op.divide,
          ...op.drop,
        ],
        TABLE,
      ),
    unitFuelMax: 100_000_000,
    expect: alike(3, trap('divide_by_zero')),
  },
  {
    name: 'table: all entries there may be, and a trap that is counted anew',
    make: () => command([...op.i32(1), ...op.i32(0), ...op.divide, ...op.drop], large),
    expect: alike(10, trap('divide_by_zero')),
  },
  storm('growing by 2^32 - 1 entries', [...grow(-1), ...op.drop]),
  storm('growing by ten million entries', [...grow(10_000_000), ...op.drop]),
  storm('filling all entries there may be', fill(0, LARGE), large),
  storm('copying all entries there may be onto themselves', copy(1, 0, LARGE - 1), large),
  storm('placing a segment', init(0, 0, 3), { ...TABLE, ...passive }),
  storm('dropping a segment', ins.elemDrop(), { ...TABLE, ...passive }),
  storm('setting and getting an entry', [...op.i32(1), ...op.i32(0), ...ins.tableGet(), ...ins.tableSet()]),
  {
    name: 'table: filling more than there is fuel for',
    make: () => command(fill(0, LARGE), large),
    unitFuelMax: 1_000,
    expect: alike(2, outOfFuel),
  },
  {
    name: 'table: filling 2^32 - 1 entries with fuel for less',
    make: () => command(fill(1, -1), TABLE),
    expect: alike(2, outOfFuel),
  },
  {
    name: 'table: filling 2^32 - 1 entries with fuel for it',
    make: () => command(fill(1, -1), TABLE),
    unitFuelMax: 40_000_000_000,
    expect: alike(2, noSuchEntry),
  },
  traps('calling nothing', [...op.i32(3), ...op.callIndirect(0)]),
  traps('calling beyond the end', [...op.i32(10), ...op.callIndirect(0)]),
  traps('calling entry 2^32 - 1', [...op.i32(-1), ...op.callIndirect(0)]),
  traps('getting beyond the end', [...op.i32(10), ...ins.tableGet(), ...op.drop]),
  traps('setting beyond the end', [...op.i32(-1), ...ins.refNull(FUNCREF), ...ins.tableSet()]),
  traps('filling beyond the end', fill(8, 3)),
  traps('copying beyond the end', copy(8, 0, 3)),
  traps('copying from beyond the end', copy(0, 11, 0)),
  traps('placing more than the segment has', init(0, 1, 3), { ...TABLE, ...passive }),
  traps('placing beyond the end', init(9, 0, 3), { ...TABLE, ...passive }),
  traps('placing a dropped segment', [...ins.elemDrop(), ...init(0, 0, 1)], { ...TABLE, ...passive }),
  traps('a segment that does not fit', [], { table: 2, elements: [0, 0, 0] }),
  traps('a segment far away', [], { table: 2, elementSection: vector([[0, 0x41, ...leb(1_000_000), END, 1, 0]]) }),
  {
    name: 'table: calling a function of another type',
    make: () =>
      wasmModule({
        functions: [
          { exportAs: '_start', code: [...op.i32(0), ...op.i32(1), ...op.callIndirect(1)] },
          { params: [I32], code: [] },
        ],
        table: 2,
        elements: [0, 0],
      }),
    expect: alike(3, noSuchEntry),
  },
  answers('growing by 2^32 - 1 entries fails', put(0, grow(-1)), [-1]),
  answers('growing by ten million entries fails', [...put(0, grow(10_000_000)), ...put(4, ins.tableSize())], [-1, 10]),
  answers('growing from the limit fails', [...put(0, grow(1)), ...put(4, ins.tableSize())], [-1, MOST], large),
  answers('growing, and calling what is new', [...put(0, grow(90)), ...put(4, ins.tableSize())], [10, 100]),
  sized(
    'all entries there may be',
    vector([[FUNCREF, 0, ...leb(LARGE)]]),
    alike(2, { kind: 'ok', bytes: new Uint8Array(0) }),
  ),
  sized(
    'one entry more than there may be',
    vector([[FUNCREF, 0, ...leb(LARGE + 1)]]),
    forbidden('table section', /100001 table entries/),
  ),
  sized(
    '2^32 - 1 entries',
    vector([[FUNCREF, 0, ...leb(2 ** 32 - 1)]]),
    invalid('table section', /4294967295 table entries/),
  ),
  sized('more than its own maximum', vector([[FUNCREF, 1, 2, 1]]), invalid('table section', /larger than its maximum/)),
  sized(
    'two tables',
    vector([
      [FUNCREF, 0, 1],
      [FUNCREF, 0, 1],
    ]),
    forbidden('table section', /2 tables/),
  ),
  sized('a shared one', vector([[FUNCREF, 3, 1, 1]]), invalid('table section', /shared or 64-bit/)),
  sized('numbers in a table', vector([[I32, 0, 1]]), invalid('module', /[Rr]eference types/)),
  sized('host references in the table of functions', vector([[EXTERNREF, 0, 1]]), invalid('module', /subtype/)),
]
