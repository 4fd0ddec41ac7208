/**
 * Modules that make the device's own part of the work large: what metering adds, what it keeps in hand while it reads, what happens between
 * two looks at the fuel, and what the engine's optimising compiler makes of it.
 */
import { MODULE_LIMITS } from '../../protocol/metering/index.ts'
import {
  command,
  END,
  F64,
  FUNCREF,
  I32,
  I64,
  leb,
  op,
  rawModule,
  section,
  text,
  vector,
  wasmModule,
} from '../support/wasm-module.ts'
import { count, ins, joined, manyFunctions, parts, repeat, sectionOf } from './code.ts'
import { alike, forbidden, type Hostile, ok, outOfFuel, trap } from './entry.ts'

type Bytes = readonly number[]

const fine = alike(2, ok())
const BODY = MODULE_LIMITS.bodyBytesMax

/** Instructions, as often as they fit a body with `besides` bytes of others. */
const filled = (instruction: Bytes, besides = 16) =>
  repeat(Math.floor((BODY - besides) / instruction.length), instruction)

function amplifier(
  name: string,
  make: () => Uint8Array,
  expect: Hostile['expect'],
  more: Partial<Hostile> = {},
): Hostile {
  return { name: `amplifier: ${name}`, make, expect, ...more }
}

/** As many bodies of the greatest length as a module holds. */
function fullOf(body: Bytes, start: Bytes = []): Uint8Array {
  const bodies = Math.floor((MODULE_LIMITS.bytesMax - 200) / (body.length + 4))
  return manyFunctions([[0, ...start, END], ...new Array<Bytes>(bodies - 1).fill(body)])
}

/** A trap after which a unit runs again, in a form of the module that is larger still. */
const counted = [...op.i32(1), ...op.i32(0), ...op.divide, ...op.drop]
const countedTrap = alike(2, trap('divide_by_zero'))

/** Every growth of a memory becomes some eighty bytes, of a table some ninety. */
const growths = (times: number) => command([...op.i32(0), ...repeat(times, op.memoryGrow), ...op.drop])
const tableGrowths = (times: number) =>
  command(repeat(times, [...ins.refNull(FUNCREF), ...op.i32(0), ...ins.tableGrow(), ...op.drop]), { table: 1 })

/** Calls `times` times in a row a function that only computes, for ever. */
function callsInARow(callee: Bytes, locals: Bytes = []): Uint8Array {
  return wasmModule({
    functions: [
      { exportAs: '_start', code: filled(op.call(1)) },
      { code: callee, locals },
    ],
  })
}

const roots = filled([...op.local(0), 0x9f, ...op.setLocal(0)], 64)

export const AMPLIFIERS: readonly Hostile[] = [
  amplifier('1 024 growths of the memory', () => growths(1_024), fine),
  amplifier(
    'a body of nothing but growths of the memory',
    () => growths((BODY - 16) / 2),
    forbidden('code section', /grow/),
  ),
  amplifier(
    'a body of nothing but growths of the table',
    () => tableGrowths((BODY - 16) / 8),
    forbidden('code section', /grow/),
  ),
  amplifier('8 MiB of empty loops', () => fullOf([0, ...filled([0x03, 0x40, END]), END]), fine),
  amplifier(
    '8 MiB of conditional branches, and a trap',
    () => fullOf([0, ...filled([...op.i32(0), 0x0d, 0]), END], counted),
    countedTrap,
  ),
  amplifier('8 MiB of calls, and a trap', () => fullOf([0, ...filled(op.call(1)), END], counted), countedTrap),
  amplifier('a body of nothing but indirect calls', indirectCalls, fine),
  amplifier('an empty-loop body that is run', () => command(filled([0x03, 0x40, END])), fine),
  amplifier('10 000 exports with long names', longExports, fine),
  amplifier('10 000 types of 256 values', wideTypes, fine),
  amplifier('references to 60 000 functions, all taken', manyReferences, fine),
  amplifier('260 000 calls in a row of 100 000 square roots', () => callsInARow(roots, [F64]), alike(2, outOfFuel), {
    unitFuelMax: 5_000_000,
  }),
  amplifier(
    'a straight body of 500 KB that costs more than there is',
    () => command([...filled([...op.local(0), 0x9f, ...op.setLocal(0)], 64)], { locals: [F64] }),
    alike(2, outOfFuel),
    { unitFuelMax: 10_000 },
  ),
  amplifier(
    'a hot loop of conditional branches',
    () => hotLoop(ins.block(filled([...op.local(0), 0x0d, 0], 64))),
    alike(2, outOfFuel),
    { unitFuelMax: 100_000_000 },
  ),
  amplifier(
    'a hot loop around a jump table of 4 000 targets, with 4 000 locals',
    () => hotTable(4_000),
    alike(2, outOfFuel),
    {
      unitFuelMax: 100_000_000,
    },
  ),
  amplifier(
    'a hot loop around a jump table of 16 000 targets, with 4 000 locals, for which the optimising compiler would have no room',
    () => hotTable(16_000),
    forbidden('code section', /labels in branches and 40\d\d slots/),
  ),
  amplifier('a hot loop of 600 merges of 4 000 locals', () => hotMerges(600), alike(2, outOfFuel), {
    unitFuelMax: 100_000_000,
  }),
  amplifier(
    'a hot loop of 2 000 merges of 4 000 locals',
    () => hotMerges(2_000),
    forbidden('code section', /control instructions and 40\d\d slots/),
  ),
]

function indirectCalls(): Uint8Array {
  const all = parts()
  const body = [0, ...filled([...op.i32(0), ...op.callIndirect(0)]), END]
  const bodies = [[0, END], body]
  return joined([
    rawModule(
      all.type,
      section(3, [...leb(bodies.length), ...repeat(bodies.length, [0])]),
      all.table,
      all.memory,
      all.export,
      all.element,
    ),
    ...sectionOf(10, [leb(bodies.length), ...bodies.flatMap(bytes => [leb(bytes.length), bytes])]),
  ])
}

function longExports(): Uint8Array {
  const all = parts()
  const entries = Array.from({ length: 9_998 }, (_, index) => [...text(`${index}`.padStart(250, 'x')), 0, 0])
  const exports = [leb(10_000), [...text('_start'), 0, 0, ...text('memory'), 2, 0], ...entries]
  return joined([rawModule(all.type, all.function, all.memory), ...sectionOf(7, exports), all.code])
}

function wideTypes(): Uint8Array {
  const all = parts()
  // Types that differ, since engines keep equal ones once.
  const types = Array.from({ length: 9_999 }, (_, index) => {
    const values = Array.from({ length: 256 }, (_, bit) => ((index >> (bit % 14)) & 1 ? I32 : I64))
    return [0x60, ...leb(256), ...values, ...leb(256), ...values]
  })
  return joined([
    rawModule(),
    ...sectionOf(1, [leb(10_000), [0x60, 0, 0], ...types]),
    ...[all.function, all.memory, all.export, all.code],
  ])
}

/** Gets every entry of a table of 60 000 functions, of which the engine makes an object each. */
function manyReferences(): Uint8Array {
  const functions = 60_000
  const loop = ins.loop([
    ...op.local(0),
    ...ins.tableGet(),
    ...op.drop,
    ...count(0),
    ...op.i32(functions),
    ...ins.ne,
    ...ins.brIf(0),
  ])
  const start = [1, 1, I32, ...loop, END]
  const all = parts()
  const indices = Array.from({ length: functions }, (_, index) => leb(index))
  return joined([
    rawModule(
      all.type,
      section(3, [...leb(functions), ...repeat(functions, [0])]),
      section(4, vector([[FUNCREF, 0, ...leb(functions)]])),
      all.memory,
      all.export,
    ),
    ...sectionOf(9, [[1, 0, 0x41, 0, END], leb(functions), ...indices]),
    ...sectionOf(10, [leb(functions), leb(start.length), start, ...new Array<Bytes>(functions - 1).fill([2, 0, END])]),
  ])
}

/** Runs `body` for ever, so that the engine optimises it. */
function hotLoop(body: Bytes): Uint8Array {
  return command(op.forever(body), { locals: [I32] })
}

const LOCALS = 4_000
/** Locals of one type, all of them changed and used. */
const allLocals = new Array<number>(LOCALS).fill(I32)
const touchAll = Array.from({ length: LOCALS }, (_, local) => [
  ...op.local(local),
  ...op.i32(1),
  ...op.add,
  ...op.setLocal(local),
]).flat()

/** The optimising compiler keeps each local for each target: 50 KB of code become gigabytes. */
function hotTable(targets: number): Uint8Array {
  const table = [...op.local(0), ...op.i32(1_023), ...ins.and, 0x0e, ...leb(targets), ...repeat(targets / 2, [0, 1]), 0]
  return command(op.forever([...touchAll, ...ins.block(ins.block(table))]), { locals: allLocals })
}

function hotMerges(times: number): Uint8Array {
  const merge = Array.from({ length: times }, (_, index) =>
    ins.block([...op.local(index), 0x0d, 0, ...op.i32(index), ...op.setLocal((index * 7) % LOCALS)]),
  ).flat()
  return command(op.forever([...touchAll, ...merge]), { locals: allLocals })
}
