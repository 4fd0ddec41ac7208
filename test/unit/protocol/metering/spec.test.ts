/** The numbers of `protocol/spec/metering.md` are those of the code. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { COSTS } from '../../../../protocol/metering/cost-table.ts'
import {
  HOST_CALL_FUEL,
  hostFuel,
  listFuel,
  METERING_VERSION,
  MODULE_LIMITS,
  randomFuel,
  STACK_SLOTS_MAX,
} from '../../../../protocol/metering/index.ts'
import { entryOf, FUEL, IMMEDIATE, IMMEDIATES } from '../../../../protocol/metering/opcodes.ts'
import { FRAME_SLOTS } from '../../../../protocol/metering/profile.ts'
import { runMetered } from '../../../support/metered-run.ts'
import { ins } from '../../../support/wasm-code.ts'
import { command, op } from '../../../support/wasm-module.ts'

const SPEC = readFileSync(new URL('../../../../protocol/spec/metering.md', import.meta.url), 'utf8')

function clause(id: string): string {
  const line = SPEC.split('\n').find(text => text.startsWith(`- [${id}] `))
  if (line === undefined) throw new Error(`the specification has no ${id}`)
  return line
}

/** A number as the specification writes it: a space before every three digits. */
const spaced = (value: number): string => String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ')

/** Rows of the cost table. */
const ROWS = [...SPEC.matchAll(/^\| ((?:fc)?[0-9a-f]{2})(?:-((?:fc)?[0-9a-f]{2}))? \| (.+) \| (\d+) \|$/gm)].map(
  ([, first = '', last = first, instructions = '', fuel]) => ({
    first: Number.parseInt(first, 16),
    last: Number.parseInt(last, 16),
    instructions,
    fuel: Number(fuel),
  }),
)
const opcodesOf = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** Every opcode that the reader of instructions takes. */
const SUPPORTED = [...opcodesOf(0, 0xff), ...opcodesOf(0xfc00, 0xfc11)].filter(
  opcode => IMMEDIATES[entryOf(opcode)] !== IMMEDIATE.refused,
)

describe('[FUEL-2.1] the cost table', () => {
  test('is that of the code, row by row', () => {
    expect(ROWS.length).toBeGreaterThan(50)
    expect(ROWS.map(({ first, last, fuel }) => [first, last, fuel])).toEqual(COSTS)
  })

  test('has every instruction of the profile once, and no other', () => {
    expect(ROWS.flatMap(({ first, last }) => opcodesOf(first, last))).toEqual(SUPPORTED)
  })

  test('is what instructions are charged by', () => {
    const charged = new Map(ROWS.flatMap(({ first, last, fuel }) => opcodesOf(first, last).map(code => [code, fuel])))
    expect(new Map(SUPPORTED.map(opcode => [opcode, FUEL[entryOf(opcode)]]))).toEqual(charged)
  })

  test('names as many instructions as a row of few has', () => {
    const few = ROWS.filter(({ instructions }) => /^`[^…]*`$/.test(instructions))
    expect(few.length).toBeGreaterThan(30)
    for (const { first, last, instructions } of few) {
      // `select` is two, with a type and without.
      const names = instructions.split(', ').length + (instructions === '`select`' ? 1 : 0)
      expect(names, instructions).toBe(last - first + 1)
    }
  })
})

describe('[PROFILE-1.5] the limits of the profile', () => {
  /** What the clause says of each; the number takes the place of `#`. */
  const WORDS: Readonly<Record<keyof typeof MODULE_LIMITS, string>> = {
    bytesMax: ': # bytes,',
    sectionsMax: '# sections,',
    typesMax: '# types of',
    typeValuesMax: 'at most # parameters and # results,',
    importsMax: '# imports,',
    functionsMax: '# functions,',
    bodyBytesMax: '# bytes a body,',
    localsMax: '# locals a body,',
    exportsMax: '# exports,',
    globalsMax: '# globals,',
    tablesMax: 'more than one table',
    tableEntriesMax: '# initial table entries,',
    segmentsMax: '# segments of each kind,',
    elementEntriesMax: '# entries of element segments,',
    nestingMax: 'blocks nested # deep,',
    branchTargetsMax: '# targets in a `br_table`,',
    branchValuesMax: '# labels in branches times slots in one function,',
    controlValuesMax: '# control instructions times slots in one function,',
    operandsMax: "# values on a function's operand stack",
    growthsMax: '# instructions that grow a memory or table',
    nameBytesMax: 'names of imports and exports of # bytes',
  }

  test.each(Object.entries(WORDS))('%s', (key, words) => {
    const limit = MODULE_LIMITS[key as keyof typeof MODULE_LIMITS]
    const text = key === 'tablesMax' ? clause('PROFILE-1.1') : clause('PROFILE-1.5')
    expect(text).toContain(words.replaceAll('#', spaced(limit)))
  })

  test('are all numbers there are', () => {
    const numbers =
      clause('PROFILE-1.5')
        .replace('[PROFILE-1.5]', '')
        .match(/\d[\d ]*\d|\d/g) ?? []
    const known = Object.values(MODULE_LIMITS).map(spaced)
    expect(numbers.filter(number => !known.includes(number))).toEqual([])
  })
})

describe('other numbers:', () => {
  test('the version', () => {
    expect(SPEC.split('\n')[0]).toBe(`# Metering, version ${METERING_VERSION}`)
  })

  test('[PROFILE-2.1] entries of a table', () => {
    expect(clause('PROFILE-2.1')).toContain(`${spaced(MODULE_LIMITS.tableEntriesMax)} entries`)
  })

  test('[FUEL-2.2] a call of an imported function', () => {
    expect(clause('FUEL-2.2')).toContain(`costs ${HOST_CALL_FUEL} more`)
    expect(clause('FUEL-2.2')).toContain(`the ${HOST_CALL_FUEL} are charged`)
  })

  test('[FUEL-3.1] [FUEL-3.2] [FUEL-3.3] charges by length', () => {
    expect(clause('FUEL-3.1')).toContain('one fuel for each 8 whole bytes')
    expect(clause('FUEL-3.3')).toContain('charged 8 192 for each page and `table.grow` 8 for each entry')
    expect(clause('FUEL-3.2')).toContain('charged 8 for each entry')
    const fill = (bytes: number) => command([...op.i32(0), ...op.i32(0), ...op.i32(bytes), ...ins.memoryFill])
    expect(runMetered(fill(8), 'fast').fuel - runMetered(fill(7), 'fast').fuel).toBe(1)
    const grow = (pages: number) => command([...op.i32(pages), ...op.memoryGrow, ...op.drop])
    expect(runMetered(grow(1), 'fast').fuel - runMetered(grow(0), 'fast').fuel).toBe(8_192)
  })

  test('[FUEL-4.2] bytes that host functions read or write', () => {
    expect(clause('FUEL-4.2')).toContain('one fuel for each 8 whole bytes')
    expect([0, 7, 8, 15, 16, 2 ** 32 - 1].map(hostFuel)).toEqual([0, 0, 1, 1, 2, 536_870_911])
  })

  test('[FUEL-4.3] random bytes', () => {
    expect(clause('FUEL-4.3')).toContain(`cost ${randomFuel(1)} each`)
    expect([0, 1, 32, 2 ** 32 - 1].map(randomFuel)).toEqual([0, 100, 3_200, 429_496_729_500])
  })

  test('[FUEL-4.4] entries of a list', () => {
    expect(clause('FUEL-4.4')).toContain(`cost ${listFuel(1)} each`)
    expect([0, 1, 1_024].map(listFuel)).toEqual([0, 64, 65_536])
  })

  test('[STACK-1.1] [STACK-1.2] slots', () => {
    expect(clause('STACK-1.1')).toContain(`a frame of ${FRAME_SLOTS} slots`)
    expect(clause('STACK-1.2')).toContain(`the ${spaced(STACK_SLOTS_MAX)} slots`)
  })
})
