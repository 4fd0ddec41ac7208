import { describe, expect, test } from 'vitest'
import { checkFuel, type FuelCase } from '../../../support/fuel-case.ts'
import { pagesOf, runMetered, SHAPES } from '../../../support/metered-run.ts'
import { ins, put } from '../../../support/wasm-code.ts'
import { command, EXTERNREF, FUNCREF, op, vector } from '../../../support/wasm-module.ts'

type Bytes = readonly number[]

const three = (first: number, second: number, third: number) => [...op.i32(first), ...op.i32(second), ...op.i32(third)]
const NULL = ins.refNull(FUNCREF)
const passive = { dataCount: 1, dataSection: vector([[1, 40, ...new Array<number>(40).fill(5)]]) }
const declared = { table: 8, elementSection: vector([[1, 0, 4, 0, 0, 0, 0]]) }
const THREE = 3
const OPERATION = 20
/** What an entry of a table costs. [FUEL-3.2] [FUEL-3.3] */
const ENTRY = 8

const fill = (length: number) => command([...three(8, 7, length), ...ins.memoryFill])

const MEMORY: readonly FuelCase[] = [
  { title: '[FUEL-3.1] memory.fill of nothing', module: fill(0), charges: [THREE + OPERATION, 0] },
  { title: '[FUEL-3.1] memory.fill of seven bytes', module: fill(7), charges: [THREE + OPERATION, 0] },
  { title: '[FUEL-3.1] memory.fill of eight bytes', module: fill(8), charges: [THREE + OPERATION, 1] },
  { title: '[FUEL-3.1] memory.fill of many bytes', module: fill(1_023), charges: [THREE + OPERATION, 127] },
  {
    title: '[FUEL-3.1] memory.fill past the memory, charged although it traps',
    module: fill(65_536),
    charges: [THREE + OPERATION, 8_192],
    ending: 'trap',
  },
  {
    title: '[FUEL-3.1] memory.fill of 4 GiB less one, a length without a sign',
    module: fill(-1),
    charges: [THREE + OPERATION, 536_870_911],
    ending: 'trap',
  },
  {
    title: '[FUEL-3.1] memory.fill in the middle of a segment, which is charged before',
    module: command([...three(8, 7, 64), ...ins.memoryFill, ...put(0, op.i32(1))]),
    charges: [THREE + OPERATION + 4, 8],
  },
  {
    title: '[FUEL-3.1] memory.copy',
    module: command([...put(0, op.i32(77)), ...three(16, 0, 20), ...ins.memoryCopy]),
    charges: [4 + THREE + OPERATION, 2],
  },
  {
    title: '[FUEL-3.1] memory.init',
    module: command([...three(16, 1, 24), ...ins.memoryInit()], passive),
    charges: [THREE + OPERATION, 3],
  },
  {
    title: '[FUEL-3.1] memory.init behind data.drop, charged although it traps',
    module: command([...ins.dataDrop(), ...three(16, 1, 24), ...ins.memoryInit()], passive),
    charges: [5 + THREE + OPERATION, 3],
    ending: 'trap',
  },
]

const TABLES: readonly FuelCase[] = [
  {
    title: '[FUEL-3.2] table.fill',
    module: command([...op.i32(1), ...NULL, ...op.i32(5), ...ins.tableFill], { table: 8 }),
    charges: [THREE + OPERATION, 5 * ENTRY],
  },
  {
    title: '[FUEL-3.2] table.fill of 4 294 967 295 entries, a length without a sign',
    module: command([...op.i32(1), ...NULL, ...op.i32(-1), ...ins.tableFill], { table: 8 }),
    charges: [THREE + OPERATION, 4_294_967_295 * ENTRY],
    ending: 'trap',
  },
  {
    title: '[FUEL-3.2] table.copy',
    module: command([...three(0, 1, 7), ...ins.tableCopy], { table: 8 }),
    charges: [THREE + OPERATION, 7 * ENTRY],
  },
  {
    title: '[FUEL-3.2] table.init',
    module: command([...three(0, 1, 3), ...ins.tableInit()], declared),
    charges: [THREE + OPERATION, 3 * ENTRY],
  },
  {
    title: '[FUEL-3.2] table.init behind elem.drop, charged although it traps',
    module: command([...ins.elemDrop(), ...three(0, 1, 3), ...ins.tableInit()], declared),
    charges: [5 + THREE + OPERATION, 3 * ENTRY],
    ending: 'trap',
  },
  {
    title: '[FUEL-3.2] table.copy past the table, charged although it traps',
    module: command([...three(0, 0, 9), ...ins.tableCopy], { table: 8 }),
    charges: [THREE + OPERATION, 9 * ENTRY],
    ending: 'trap',
  },
  {
    title: '[FUEL-2.1] table.get, table.set and table.size, which have no length',
    module: command([...op.i32(2), ...op.i32(1), ...ins.tableGet, ...ins.tableSet, ...put(0, ins.tableSize)], {
      table: 8,
    }),
    charges: [1 + 1 + 4 + 4 + 3 + 2],
  },
]

/** Grows by `pages`, writes what that gave, then the size. */
const growMemory = (pages: number) => [...put(0, [...op.i32(pages), ...op.memoryGrow]), ...put(4, op.memorySize)]
const MEMORY_GROWTH = 1 + 500 + 3 + 3 + 2

const GROWN_MEMORY: readonly FuelCase[] = [
  {
    title: '[FUEL-3.3] memory.grow by nothing',
    module: command(growMemory(0), { memory: [1, 1, 1, 4] }),
    charges: [MEMORY_GROWTH, 0],
  },
  {
    title: '[FUEL-3.3] [PROFILE-2.2] memory.grow up to the maximum',
    module: command(growMemory(3), { memory: [1, 1, 1, 4] }),
    charges: [MEMORY_GROWTH, 3 * 8_192],
  },
  {
    title: '[FUEL-3.3] [PROFILE-2.2] memory.grow beyond the maximum, which costs nothing more',
    module: command(growMemory(4), { memory: [1, 1, 1, 4] }),
    charges: [MEMORY_GROWTH],
  },
  {
    title: '[FUEL-3.3] memory.grow by 4 294 967 295 pages',
    module: command(growMemory(-1), { memory: [1, 1, 1, 4] }),
    charges: [MEMORY_GROWTH],
  },
  {
    title: '[FUEL-3.3] memory.grow twice, the second time beyond the maximum',
    module: command([...growMemory(2), ...growMemory(2)], { memory: [1, 1, 1, 4] }),
    charges: [2 * MEMORY_GROWTH, 2 * 8_192],
  },
]

const growTable = (entries: number, init: Bytes = NULL) => [
  ...put(0, [...init, ...op.i32(entries), ...ins.tableGrow]),
  ...put(4, ins.tableSize),
]
const TABLE_GROWTH = 1 + 1 + 20 + 3 + 3 + 2

const GROWN_TABLES: readonly FuelCase[] = [
  {
    title: '[FUEL-3.3] [PROFILE-2.2] table.grow up to the maximum',
    module: command(growTable(5), { table: { entries: 1, maximum: 6 } }),
    charges: [TABLE_GROWTH, 5 * ENTRY],
  },
  {
    title: '[FUEL-3.3] [PROFILE-2.2] table.grow beyond the maximum, which costs nothing more',
    module: command(growTable(6), { table: { entries: 1, maximum: 6 } }),
    charges: [TABLE_GROWTH],
  },
  {
    title: '[FUEL-3.3] table.grow by 4 294 967 295 entries',
    module: command(growTable(-1), { table: { entries: 1, maximum: 6 } }),
    charges: [TABLE_GROWTH],
  },
  {
    title: '[FUEL-3.3] table.grow of a table of host values',
    module: command(growTable(5, ins.refNull(EXTERNREF)), { table: { type: EXTERNREF, entries: 0 } }),
    charges: [TABLE_GROWTH, 5 * ENTRY],
  },
  {
    title: '[FUEL-3.3] table.grow without a maximum, up to that of every table',
    module: command(growTable(99_999), { table: 1 }),
    charges: [TABLE_GROWTH, 99_999 * ENTRY],
  },
]

describe.each([
  ['of bytes', MEMORY],
  ['of entries', TABLES],
  ['of new pages', GROWN_MEMORY],
  ['of new entries', GROWN_TABLES],
])('charges by length: %s', (_title, cases) => {
  test.each(cases)('$title', checkFuel)
})

describe.each(SHAPES)('growth, shape %s', shape => {
  const answerOf = (memory: Uint8Array) => [...memory.subarray(0, 4)]
  const FAILED = [255, 255, 255, 255]

  test("[PROFILE-2.1] a memory has the job's maximum when its own is larger, and when it has none", () => {
    for (const memory of [
      [1, 0, 1],
      [1, 1, 1, 9],
    ]) {
      const allowed = runMetered(command(growMemory(2), { memory }), shape, undefined, { memoryPagesMax: 3 })
      expect(pagesOf(allowed.memory)).toBe(3)
      const refused = runMetered(command(growMemory(3), { memory }), shape, undefined, { memoryPagesMax: 3 })
      expect(refused).toMatchObject({ ending: 'ok', fuel: MEMORY_GROWTH })
      expect(answerOf(refused.memory)).toEqual(FAILED)
    }
  })

  test('[PROFILE-2.1] a table has 100 000 entries as its maximum when its own is larger, and when it has none', () => {
    for (const table of [1, { entries: 1, maximum: 5_000_000 }]) {
      const refused = runMetered(command(growTable(100_000), { table }), shape)
      expect(refused).toMatchObject({ ending: 'ok', fuel: TABLE_GROWTH })
      expect(answerOf(refused.memory)).toEqual(FAILED)
    }
  })

  test('[PROFILE-2.2] a machine that cannot grow a memory as promised has no result', () => {
    const module = command(growMemory(3), { memory: [1, 1, 1, 4] })
    const options = { memoryGivenMax: 3 }
    expect(runMetered(module, shape, undefined, options).ending).toBe('host trouble')
    // Less than what the module was promised does no harm until it asks for it.
    const modest = command(growMemory(2), { memory: [1, 1, 1, 4] })
    expect(runMetered(modest, shape, undefined, options)).toMatchObject({
      ending: 'ok',
      fuel: MEMORY_GROWTH + 2 * 8_192,
    })
    const immodest = command(growMemory(4), { memory: [1, 1, 1, 4] })
    expect(runMetered(immodest, shape, undefined, options)).toMatchObject({ ending: 'ok', fuel: MEMORY_GROWTH })
  })

  test('[FUEL-3.1] [FUEL-3.2] [FUEL-3.3] without the fuel for it, nothing is filled, copied or grown', () => {
    const filled = runMetered(fill(1_024), shape, THREE + OPERATION + 127)
    expect(filled.ending).toBe('out of fuel')
    expect(filled.memory.every(byte => byte === 0)).toBe(true)
    const grown = runMetered(command(growMemory(3), { memory: [1, 1, 1, 4] }), shape, MEMORY_GROWTH + 3 * 8_192 - 1)
    expect(grown.ending).toBe('out of fuel')
    expect(pagesOf(grown.memory)).toBe(1)
  })
})
