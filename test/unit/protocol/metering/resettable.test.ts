import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { prepareModule } from '../../../../protocol/metering/index.ts'
import {
  activeData,
  command,
  END,
  F32,
  F64,
  FUNCREF,
  I32,
  I64,
  op,
  range,
  reactor,
  vector,
} from '../../../support/wasm-module.ts'

const prepare = (bytes: Uint8Array) => prepareModule(bytes, { memoryPagesMax: 64 })
const exportNames = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes).match(/hedgerow\.global\.\d+/g) ?? []
const zero = { type: I32, init: op.i32(0) }
const nullFunction = [0xd0, FUNCREF]
const zeros = [...op.i32(0), ...op.i32(0), ...op.i32(0)]
const NAN_BYTES = [0, 0, 0xc0, 0x7f]

test.each([
  ['without globals', command([])],
  ['with a table it only calls through', command([...op.i32(0), ...op.callIndirect(0)], { table: 1, elements: [0] })],
  ['that reads its table', command([...op.i32(0), 0x25, 0, ...op.drop, 0xfc, 16, 0, ...op.drop], { table: 1 })],
  [
    'that fills, copies and grows memory',
    command([...zeros, 0xfc, 10, 0, 0, ...zeros, 0xfc, 11, 0, ...op.i32(1), ...op.memoryGrow, ...op.drop]),
  ],
  ['with functions declared for references', command([], { table: 1, elementSection: vector([[3, 0, 1, 0]]) })],
  [
    'with expressions for its elements',
    command([], { table: 1, elementSection: vector([[4, 0x41, 0, END, 1, 0xd2, 0, END]]) }),
  ],
  [
    'with segments that name table and memory',
    command([], {
      table: 1,
      elementSection: vector([[2, 0, 0x41, 0, END, 0, 1, 0]]),
      dataSection: vector([[2, 0, 0x41, 0, END, 1, 7], activeData(9, [1, 2])]),
    }),
  ],
  [
    'with a reference that never changes',
    command([], { globals: [{ type: FUNCREF, immutable: true, init: nullFunction }] }),
  ],
])('a module %s is resettable', (_title, bytes) => {
  expect(prepare(bytes).resettable).toBe(true)
})

test.each([
  ['table.set', command([...op.i32(0), ...nullFunction, 0x26, 0], { table: 1 })],
  ['table.grow', command([...nullFunction, ...op.i32(1), 0xfc, 15, 0, ...op.drop], { table: 1 })],
  ['table.fill', command([...op.i32(0), ...nullFunction, ...op.i32(0), 0xfc, 17, 0], { table: 1 })],
  ['table.copy', command([...zeros, 0xfc, 14, 0, 0], { table: 1 })],
  ['table.init', command([...zeros, 0xfc, 12, 0, 0], { table: 1, elements: [0] })],
  ['elem.drop', command([0xfc, 13, 0], { table: 1, elements: [0] })],
  ['memory.init', command([...zeros, 0xfc, 8, 0, 0], { dataCount: 1, data: { at: 0, bytes: [1] } })],
  ['data.drop', command([0xfc, 9, 0], { dataCount: 1, data: { at: 0, bytes: [1] } })],
  [
    'a changing table in its second function',
    reactor(range(0, 0), { table: 1, more: [{ code: [...op.i32(0), ...nullFunction, 0x26, 0] }] }),
  ],
  ['a passive data segment', command([], { dataSection: vector([activeData(0, [1]), [1, 1, 7]]) })],
  ['a passive element segment', command([], { table: 1, elementSection: vector([[1, 0, 1, 0]]) })],
  [
    'a passive element segment of expressions',
    command([], { elementSection: vector([[5, FUNCREF, 1, 0xd2, 0, END]]) }),
  ],
  ['segments of an unknown kind', command([], { dataSection: vector([[3, 0]]) })],
  ['elements of an unknown kind', command([], { elementSection: vector([[8, 0]]) })],
  ['a reference that changes', command([], { globals: [{ type: FUNCREF, init: nullFunction }] })],
  [
    'a global of a vector type',
    command([], { globals: [{ type: 0x7b, immutable: true, init: [0xfd, 12, ...new Array<number>(16).fill(0)] }] }),
  ],
  ['more globals than are worth setting', command([], { globals: new Array<number>(65).fill(0) })],
  ['a vector instruction', command([0xfd, 12, ...new Array<number>(16).fill(0), ...op.drop])],
  ['an atomic instruction', command([0xfe, 3, 0])],
  ['an instruction that catches', command([0x06, 0x40, 0x19, END])],
  ['code cut short', command([0x41, 0x80])],
  ['code after which its end is missing', command([0x41])],
])('a module with %s is not resettable, and exports nothing more', (_title, bytes) => {
  const { bytes: prepared, resettable } = prepare(bytes)
  expect(resettable).toBe(false)
  expect(exportNames(prepared)).toEqual([])
})

test('exports the mutable globals by their indices, whether or not the module does', () => {
  const globals = [
    { ...zero, immutable: true },
    { ...zero, exportAs: 'count' },
    { type: I64, init: op.i64(0) },
    { type: F32, immutable: true, init: [0x43, ...NAN_BYTES] },
    { type: F64, init: [0x44, 0, 0, 0, 0, ...NAN_BYTES] },
  ]
  expect(exportNames(prepare(command([], { globals })).bytes)).toEqual(
    [1, 2, 4].map(index => `hedgerow.global.${index}`),
  )
})

test('refuses a module that uses such a name itself', () => {
  const bytes = command([], { globals: [{ ...zero, exportAs: 'hedgerow.global.7' }] })
  expect(() => prepare(bytes)).toThrow(/'hedgerow\.global\.7', a name kept for the host/)
})

const EXAMPLES = new URL('../../../../examples/', import.meta.url)

const fileOf = (name: string) => new URL(`${name}/build/${name}.wasm`, EXAMPLES)
const built = ['noop', 'word-count', 'hello-c', 'hello-rust'].filter(name => existsSync(fileOf(name)))
if (built.length < 4) console.warn('SKIPPED: examples that are not built; run npm run build:fast.')

test.each(built)('the example %s is resettable', name => {
  expect(prepare(new Uint8Array(readFileSync(fileOf(name)))).resettable).toBe(true)
})
