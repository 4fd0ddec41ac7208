import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { engine, type WasmMemory } from '../../../../device/sandbox/engine.ts'
import { TaskError } from '../../../../protocol/errors.ts'
import {
  FAULT_EXPORT,
  FUEL_EXPORT,
  inspectModule,
  type MeterOptions,
  meterModule,
  START_EXPORT,
} from '../../../../protocol/metering/index.ts'
import { runMetered, SHAPES } from '../../../support/metered-run.ts'
import { ins, put, TWO } from '../../../support/wasm-code.ts'
import {
  activeData,
  command,
  END,
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  I32,
  I64,
  nameSection,
  op,
  range,
  reactor,
  type TableParts,
  vector,
  wasiImport,
} from '../../../support/wasm-module.ts'

interface Described {
  readonly name: string
  readonly kind: string
}

/** What the engine knows of a module besides what the sandbox needs. */
const {
  exports: exportsOf,
  imports: importsOf,
  customSections,
} = engine.Module as unknown as {
  exports(module: object): Described[]
  imports(module: object): (Described & { readonly module: string })[]
  customSections(module: object, name: string): ArrayBuffer[]
}

const metered = (bytes: Uint8Array, options: Partial<MeterOptions> = {}) =>
  meterModule(bytes, { memoryPagesMax: 4, ...options })
const compiled = (bytes: Uint8Array, options: Partial<MeterOptions> = {}) =>
  new engine.Module(metered(bytes, options).bytes)
const instantiate = (module: object, memory: WasmMemory) =>
  new engine.Instance(module, { hedgerow: { memory } }).exports
const memoryOf = (initial: number, maximum: number) => new engine.Memory({ initial, maximum })

describe('memory', () => {
  test('comes from the host', () => {
    const memory = memoryOf(1, 4)
    const exports = instantiate(compiled(command(put(8, op.i32(77)))), memory)
    const run = exports._start as () => void
    run()
    expect(new Uint8Array(memory.buffer)[8]).toBe(77)
  })

  test.each([
    ['the cap when the module sets no maximum', [1, 0, 1], 4],
    ['the cap when the module allows itself more', [1, 1, 1, 9], 4],
    ['its own maximum when that is less', [1, 1, 1, 3], 3],
  ])('[PROFILE-2.1] is bounded by %s', (_title, memory, maximumPages) => {
    const bytes = command([], { memory })
    expect(metered(bytes).memory).toEqual({ initialPages: 1, maximumPages })
    expect(() => instantiate(compiled(bytes), memoryOf(1, maximumPages))).not.toThrow()
    expect(() => instantiate(compiled(bytes), memoryOf(1, maximumPages + 1))).toThrow(/maximum/)
  })

  test('is refused when it starts above the cap, and the refusal says what to change', () => {
    const refused = () => metered(command([], { memory: [1, 0, 5] }))
    expect(refused).toThrow(TaskError)
    expect(refused).toThrow(/memory section.*starts at 5 pages, the job allows 4\. Raise the job's memory/)
  })
})

describe('exports', () => {
  const namesOf = (bytes: Uint8Array, options: Partial<MeterOptions> = {}) =>
    exportsOf(compiled(bytes, options)).map(({ name, kind }) => `${kind} ${name}`)
  const COUNTERS = [`global ${FUEL_EXPORT}`, `global ${FAULT_EXPORT}`]

  test('are what the host calls, and its counters', () => {
    const helper = { exportAs: 'helper' }
    expect(namesOf(command([], { more: [helper] }))).toEqual(['function _start', ...COUNTERS])
    const bytes = reactor(range(0, 0), { more: [{ exportAs: '_initialize' }, {}, helper], start: 3, globals: [5] })
    expect(namesOf(bytes)).toEqual([
      'function alloc',
      'function run',
      'function _initialize',
      `function ${START_EXPORT}`,
      ...COUNTERS,
      'global hedgerow.global.0',
    ])
  })

  test('are the fuel of each function with a body besides, in the profile shape', () => {
    const bytes = command([], { imports: [wasiImport('sched_yield', ':i')], more: [{}] })
    const profiled = [1, 2].map(index => `global hedgerow.profile.${index}`)
    expect(namesOf(bytes, { shape: 'profile' })).toEqual(['function _start', ...COUNTERS, ...profiled])
    expect(namesOf(bytes, { shape: 'exact' })).toEqual(['function _start', ...COUNTERS])
  })

  test("are the mutable globals by their indices, whether or not they are the module's own", () => {
    const zero = { type: I32, init: op.i32(0) }
    const globals = [
      { ...zero, immutable: true },
      { ...zero, exportAs: 'count' },
      { type: I64, init: op.i64(0) },
      { type: F32, immutable: true, init: [0x43, 0, 0, 0, 0] },
      { type: F64, init: [0x44, 0, 0, 0, 0, 0, 0, 0, 0] },
    ]
    expect(namesOf(command([], { globals }))).toEqual([
      'function _start',
      ...COUNTERS,
      ...[1, 2, 4].map(index => `global hedgerow.global.${index}`),
    ])
  })

  test('[PROFILE-1.3] of the names that are kept for these are refused', () => {
    const bytes = command([], { globals: [{ type: I32, init: op.i32(0), exportAs: 'hedgerow.fuel' }] })
    expect(() => metered(bytes)).toThrow(/'hedgerow\.fuel', a name kept for the host\. Rename the export\./)
  })
})

describe('the rest of the module', () => {
  test('imports what it did, and the memory', () => {
    const bytes = command([], { imports: [wasiImport('fd_close', 'i:i'), wasiImport('sched_yield', ':i')] })
    expect(importsOf(compiled(bytes)).map(({ module, name, kind }) => `${module}.${name} ${kind}`)).toEqual([
      'wasi_snapshot_preview1.fd_close function',
      'wasi_snapshot_preview1.sched_yield function',
      'hedgerow.memory memory',
    ])
  })

  test('works as before, with globals, table, data and elements', () => {
    const code = [...op.local(1), ...op.global(0), ...op.add, ...op.i32(0), ...op.load(), ...op.add, ...op.setGlobal(0)]
    const bytes = reactor([...code, ...put(8, [...op.i32(2), ...op.callIndirect(2)]), ...range(8, 4)], {
      globals: [30],
      table: 3,
      elements: [0, 1, 2],
      data: { at: 0, bytes: [5] },
      more: [{ results: [I32], code: op.i32(9) }],
    })
    for (const shape of SHAPES) {
      const { ending, memory, globals } = runMetered(bytes, shape)
      expect({ ending, output: memory[8], globals }).toEqual({ ending: 'ok', output: 9, globals: { 0: 4 + 30 + 5 } })
    }
  })

  test('begins with the start function when the host calls it, so that instantiating runs nothing', () => {
    const memory = memoryOf(1, 4)
    const exports = instantiate(
      compiled(reactor(range(0, 0), { more: [{ code: put(4, op.i32(1)) }], start: 2 })),
      memory,
    )
    expect(new Uint8Array(memory.buffer)[4]).toBe(0)
    const start = exports[START_EXPORT] as () => void
    start()
    expect(new Uint8Array(memory.buffer)[4]).toBe(1)
  })

  test('keeps the names of functions and no other custom section', () => {
    const named = compiled(command([], { names: { 0: 'main' }, custom: 'producers' }))
    expect(customSections(named, 'name').map(bytes => [...new Uint8Array(bytes)])).toEqual([
      nameSection({ 0: 'main' }).slice(5),
    ])
    expect(customSections(named, 'producers')).toEqual([])
  })

  test.each([
    ['that of every table when it sets none', { entries: 7 }, 100_000],
    ['its own', { entries: 7, maximum: 9 }, 9],
    ['that of every table when its own is larger', { entries: 7, maximum: 2_000_000 }, 100_000],
    ['its own, for host values', { type: EXTERNREF, entries: 7, maximum: 8 }, 8],
  ] satisfies [string, TableParts, number][])(
    '[PROFILE-2.1] has a maximum for its table: %s',
    (_title, table, maximum) => {
      const value = ins.refNull('type' in table ? table.type : FUNCREF)
      const grow = (entries: number) => put(0, [...value, ...op.i32(entries), ...ins.tableGrow])
      const answer = (entries: number) => runMetered(command(grow(entries), { table }), 'fast').memory[0]
      expect(answer(maximum - 7)).toBe(7)
      expect(answer(maximum - 6)).toBe(255)
    },
  )

  test('is refused when metered again, since its memory is no longer its own', () => {
    expect(() => inspectModule(metered(command([])).bytes)).toThrow(/'hedgerow\.memory' \(memory\)/)
  })

  test('is the same bytes for the same module, however it was asked for before', () => {
    const bytes = command([...ins.block(TWO), ...op.call(1)], { more: [{ code: TWO }], table: 2, elements: [0] })
    for (const shape of SHAPES) {
      const first = metered(bytes, { shape }).bytes
      metered(command(TWO), { shape, memoryPagesMax: 9 })
      expect(metered(Uint8Array.from(bytes), { shape }).bytes).toEqual(first)
    }
    expect(metered(bytes).bytes).toEqual(metered(bytes, { shape: 'fast' }).bytes)
  })
})

const zeros = [...op.i32(0), ...op.i32(0), ...op.i32(0)]
const NULL = ins.refNull(FUNCREF)
const passive = { dataCount: 2, dataSection: vector([activeData(0, [1]), [1, 1, 7]]) }

test.each([
  ['without globals', command([])],
  ['with a table it only calls through', command([...op.i32(0), ...op.callIndirect(0)], { table: 1, elements: [0] })],
  [
    'that reads its table',
    command([...op.i32(0), ...ins.tableGet, ...op.drop, ...ins.tableSize, ...op.drop], { table: 1 }),
  ],
  [
    'that fills, copies and grows memory',
    command([...zeros, ...ins.memoryCopy, ...zeros, ...ins.memoryFill, ...op.i32(1), ...op.memoryGrow, ...op.drop]),
  ],
  ['with a passive data segment that is only read by memory.init', command([...zeros, ...ins.memoryInit(1)], passive)],
  ['with a passive data segment that nothing reads', command([], passive)],
  ['with functions declared for references', command([], { table: 1, elementSection: vector([[3, 0, 1, 0]]) })],
  ['with a passive element segment', command([], { table: 1, elementSection: vector([[1, 0, 1, 0]]) })],
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
  ['with a reference that never changes', command([], { globals: [{ type: FUNCREF, immutable: true, init: NULL }] })],
  ['with as many globals as are worth setting', command([], { globals: new Array<number>(64).fill(0) })],
])('a module %s is resettable', (_title, bytes) => {
  expect(metered(bytes).resettable).toBe(true)
})

test.each([
  ['table.set', command([...op.i32(0), ...NULL, ...ins.tableSet], { table: 1 })],
  ['table.grow', command([...NULL, ...op.i32(1), ...ins.tableGrow, ...op.drop], { table: 1 })],
  ['table.fill', command([...op.i32(0), ...NULL, ...op.i32(0), ...ins.tableFill], { table: 1 })],
  ['table.copy', command([...zeros, ...ins.tableCopy], { table: 1 })],
  ['table.init', command([...zeros, ...ins.tableInit()], { table: 1, elements: [0] })],
  ['elem.drop', command(ins.elemDrop(), { table: 1, elements: [0] })],
  ['data.drop', command(ins.dataDrop(1), passive)],
  [
    'a changing table in its second function',
    reactor(range(0, 0), { table: 1, more: [{ code: [...op.i32(0), ...NULL, ...ins.tableSet] }] }),
  ],
  ['a reference that changes', command([], { globals: [{ type: FUNCREF, init: NULL }] })],
  ['more globals than are worth setting', command([], { globals: new Array<number>(65).fill(0) })],
])('a module with %s is not resettable, and exports no globals', (_title, bytes) => {
  expect(metered(bytes).resettable).toBe(false)
  expect(exportsOf(compiled(bytes)).filter(({ name }) => name.startsWith('hedgerow.global.'))).toEqual([])
})

const EXAMPLES = new URL('../../../../examples/', import.meta.url)
const fileOf = (name: string) => new URL(`${name}/build/${name}.wasm`, EXAMPLES)
const built = ['noop', 'word-count', 'hello-c', 'hello-rust'].filter(name => existsSync(fileOf(name)))
if (built.length < 4) console.warn('SKIPPED: examples that are not built; run npm run build:fast.')

test.each(built)('the example %s is resettable, and compiles in every shape', name => {
  const bytes = new Uint8Array(readFileSync(fileOf(name)))
  for (const shape of SHAPES) {
    const { resettable } = metered(bytes, { shape, memoryPagesMax: 1_024 })
    expect(resettable).toBe(true)
    expect(() => compiled(bytes, { shape, memoryPagesMax: 1_024 })).not.toThrow()
  }
})
