import { describe, expect, test } from 'vitest'
import { TaskError } from '../../../../protocol/errors.ts'
import { describeFunction, functionNames, inspectModule } from '../../../../protocol/metering/index.ts'
import { ins, TWO } from '../../../support/wasm-code.ts'
import { command, END, FUNCREF, leb, op, rawModule, section, text, vector } from '../../../support/wasm-module.ts'

type Bytes = readonly number[]

const SHAPE = {
  globals: [1],
  table: 1,
  elements: [0],
  dataCount: 1,
  data: { at: 0, bytes: [1] },
  names: { 0: 'parse' },
}
const withCode = (code: Bytes) => command(code, SHAPE)
/** Where the code of {@link withCode} begins. */
const FIRST = Buffer.from(withCode([0x01, 0x01, 0x01, 0x01])).indexOf(Buffer.from([0x01, 0x01, 0x01, 0x01, END]))

function refusal(bytes: Uint8Array): TaskError {
  try {
    inspectModule(bytes)
  } catch (error) {
    if (error instanceof TaskError) return error
    throw error
  }
  throw new Error('the module was accepted')
}

describe('[PROFILE-1.6] a refusal of code', () => {
  test('says at which function, by index and name, and byte, why, and what to do', () => {
    const { info, message } = refusal(withCode([...TWO, 0xfd, 12, ...new Array<number>(16).fill(0), ...op.drop]))
    expect(message).toBe(
      `The module is refused at its code section, function 0 'parse', byte ${FIRST + 3}: it uses SIMD (instruction 0xfd). ` +
        'Build without SIMD (no -msimd128, no +simd128).',
    )
    expect(info).toEqual({
      code: 'bad_module',
      section: "code section, function 0 'parse'",
      offset: FIRST + 3,
      reason: 'it uses SIMD (instruction 0xfd)',
    })
  })

  test('counts imported functions, and does without a name', () => {
    const bytes = command([], {
      imports: [{ field: 'sched_yield', results: [0x7f] }],
      more: [{ code: [0xfe, 3, 0] }],
      names: { 1: 'main' },
    })
    expect(refusal(bytes).message).toMatch(
      /at its code section, function 2, byte \d+: it uses threads \(instruction 0xfe\)/,
    )
  })

  test('is the same for code that is never reached', () => {
    const dead = [...op.unreachable, 0xfd, 12, ...new Array<number>(16).fill(0), ...op.drop]
    expect(refusal(withCode(dead)).message).toMatch(/function 0 'parse', byte \d+: it uses SIMD/)
  })
})

/** Instructions that name something the module does not have. */
const DANGLING: readonly (readonly [title: string, code: Bytes, words: RegExp])[] = [
  ['local.get', op.local(0), /it names local 0, of 0/],
  ['local.set', op.setLocal(7), /it names local 7, of 0/],
  ['local.tee', ins.tee(7), /it names local 7, of 0/],
  ['global.get', op.global(1), /it names global 1, of 1/],
  ['global.set', op.setGlobal(1), /it names global 1, of 1/],
  ['call', op.call(1), /it names function 1, of 1/],
  ['ref.func', ins.refFunc(1), /it names function 1, of 1/],
  ['call_indirect', op.callIndirect(1), /it names type 1, of 1/],
  ['call_indirect of a table', [0x11, 0, 1], /it names table 1, of 1/],
  ['br', ins.br(1), /it names label 1, of 1/],
  ['br in a block', ins.block(ins.br(2)), /it names label 2, of 2/],
  ['br_if', ins.brIf(1), /it names label 1, of 1/],
  ['br_table', ins.brTable([0, 1], 0), /it names label 1, of 1/],
  ['br_table by its default', ins.brTable([0, 0], 3), /it names label 3, of 1/],
  ['memory.init', ins.memoryInit(1), /it names data segment 1, of 1/],
  ['data.drop', ins.dataDrop(1), /it names data segment 1, of 1/],
  ['table.init', ins.tableInit(1), /it names element segment 1, of 1/],
  ['elem.drop', ins.elemDrop(1), /it names element segment 1, of 1/],
  ['table.get', [0x25, 1], /it names table 1, of 1/],
  ['table.set', [0x26, 1], /it names table 1, of 1/],
  ['table.init of a table', [0xfc, 12, 0, 1], /it names table 1, of 1/],
  ['table.copy to a table', [0xfc, 14, 1, 0], /it names table 1, of 1/],
  ['table.copy from a table', [0xfc, 14, 0, 1], /it names table 1, of 1/],
  ['table.grow', [0xfc, 15, 1], /it names table 1, of 1/],
  ['table.size', [0xfc, 16, 1], /it names table 1, of 1/],
  ['table.fill', [0xfc, 17, 1], /it names table 1, of 1/],
]

describe('what is not in the module as it was sent is refused, though metering adds to it:', () => {
  test.each(DANGLING)('%s', (_title, code, words) => {
    expect(refusal(withCode(code)).message).toMatch(words)
    expect(refusal(withCode([...op.unreachable, ...code])).message).toMatch(words)
  })

  test('block', () => {
    expect(refusal(withCode(ins.block([], 1))).message).toMatch(/it names type 1, of 1/)
  })

  test('an element of a table, and a global', () => {
    expect(refusal(command([], { table: 1, elements: [1] })).message).toMatch(/element section.*function 1, of 1/)
    const global = { type: FUNCREF, init: ins.refFunc(1) }
    expect(refusal(command([], { globals: [global] })).message).toMatch(/global section.*function 1, of 1/)
  })
})

describe('code of a wrong form is refused:', () => {
  const raw = (...body: Bytes) =>
    rawModule(
      section(1, vector([[0x60, 0, 0]])),
      section(3, [1, 0]),
      section(5, [1, 0, 1]),
      section(
        7,
        vector([
          [...text('_start'), 0, 0],
          [...text('memory'), 2, 0],
        ]),
      ),
      section(10, vector([[...leb(body.length), ...body]])),
    )

  test.each([
    ['no body', raw(), /function 0, byte \d+: it ends too early/],
    ['locals cut short', raw(1, 1), /function 0, byte \d+: it ends too early/],
    ['no end', raw(0, 1), /function 0, byte \d+: it ends too early/],
    ['no end in dead code', raw(0, 0, 2, 0x40, END), /function 0, byte \d+: it ends too early/],
    ['an instruction cut short', raw(0, 0x43, 0, END), /function 0, byte \d+: it ends 2 bytes too early/],
    ['an end too many', raw(0, END, END), /function 0, byte \d+: it goes on behind its last `end`/],
    ['an else without an if', raw(0, 5, END), /function 0, byte \d+: an `else` has no `if`/],
    ['an else without an if in dead code', raw(0, 0, 5, END), /function 0, byte \d+: an `else` has no `if`/],
    ['two elses', raw(0, 0x41, 0, 4, 0x40, 5, 5, END, END), /function 0, byte \d+: an `else` has no `if`/],
  ])('%s', (_title, bytes, words) => {
    expect(refusal(bytes).message).toMatch(words)
  })
})

describe('names of functions', () => {
  test('are read as far as they make sense', () => {
    const withNames = (contents: Bytes) =>
      Uint8Array.from([...command([]), ...section(0, [...text('name'), ...contents])])
    const entries = (...list: Bytes[]) => section(1, vector(list))
    expect([...functionNames(withNames(entries([0, ...text('main')], [2, ...text('é')])))]).toEqual([
      [0, 'main'],
      [2, 'é'],
    ])
    expect(functionNames(withNames([...section(0, text('module')), ...entries([0, ...text('main')])])).get(0)).toBe(
      'main',
    )
    expect([...functionNames(withNames([1, 9, 1, 0, 4, 0x6d]))]).toEqual([])
    expect([...functionNames(withNames(entries([0, 1, 0xff])))]).toEqual([[0, '\ufffd']])
    const again = section(0, [...text('name'), ...entries([0, ...text('other')])])
    expect(functionNames(Uint8Array.from([...withNames(entries([0, ...text('main')])), ...again])).get(0)).toBe('main')
    expect([...functionNames(command([]))]).toEqual([])
    expect([...functionNames(new Uint8Array(3))]).toEqual([])
  })

  test('are shown without what a terminal could take for more than text', () => {
    expect(describeFunction(3, new Map([[3, 'parse\u001b[31m\nx']]))).toBe("function 3 'parse·[31m·x'")
    expect(describeFunction(3, new Map([[3, '']]))).toBe('function 3')
  })

  test('are cut when they are long, and left out when there are more than functions can be', () => {
    const contents = [1, 0, ...text('x'.repeat(5_000))]
    const long = Uint8Array.from([...command([]), ...section(0, [...text('name'), ...section(1, contents)])])
    expect(functionNames(long).get(0)).toBe('x'.repeat(256))
    const entries = [...leb(65_537), ...new Array<number>(2 * 65_537).fill(0)]
    const flood = Uint8Array.from([...command([]), ...section(0, [...text('name'), ...section(1, entries)])])
    expect([...functionNames(flood)]).toEqual([])
  })
})
