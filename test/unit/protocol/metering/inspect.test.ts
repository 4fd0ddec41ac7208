import { expect, test } from 'vitest'
import { TaskError } from '../../../../protocol/errors.ts'
import { inspectModule } from '../../../../protocol/metering/index.ts'
import {
  command,
  I32,
  I64,
  leb,
  type ModuleShape,
  op,
  range,
  rawModule,
  reactor,
  section,
  text,
  vector,
  wasiImport,
  wasmModule,
} from '../../../support/wasm-module.ts'

function refusal(bytes: Uint8Array): TaskError {
  try {
    inspectModule(bytes)
  } catch (error) {
    if (error instanceof TaskError && error.info.code === 'bad_module') return error
    throw error
  }
  throw new Error('the module was accepted')
}

test('describes a command', () => {
  const bytes = command([], { imports: [wasiImport('fd_write', 'iiii:i')], memory: [1, 1, 2, 9], custom: 'name' })
  expect(inspectModule(bytes)).toEqual({
    abi: 'wasi',
    imports: [{ module: 'wasi_snapshot_preview1', field: 'fd_write' }],
    exports: [
      { name: '_start', kind: 'function', index: 1 },
      { name: 'memory', kind: 'memory', index: 0 },
    ],
    memory: { initialPages: 2, maximumPages: 9 },
    functions: 1,
    startFunction: null,
    bytes: bytes.length,
  })
})

test('describes a reactor with a start function, a table, globals and data', () => {
  const info = inspectModule(
    reactor(range(0, 0), {
      more: [{ code: [] }],
      start: 2,
      table: 1,
      elements: [2],
      globals: [5],
      data: { at: 0, bytes: [1] },
    }),
  )
  expect(info).toMatchObject({ abi: 'reactor', startFunction: 2, memory: { maximumPages: null }, functions: 3 })
})

test('accepts the abort of AssemblyScript', () => {
  const abort = { module: 'env', field: 'abort', params: [I32, I32, I32, I32] }
  expect(inspectModule(reactor(range(0, 0), { imports: [abort] })).abi).toBe('reactor')
})

const importOf = (module: string, field: string, kind: number[]) =>
  rawModule(section(1, vector([[0x60, 0, 0]])), section(2, vector([[...text(module), ...text(field), ...kind]])))
const withMemory = (memory: number[] | null, rest: ModuleShape = {}) =>
  wasmModule({ functions: [{ exportAs: '_start' }], ...rest, memory })
const start = { functions: [{ exportAs: '_start' }] }
const bodies = (...codes: number[][]) =>
  rawModule(
    section(1, vector([[0x60, 0, 0]])),
    section(3, vector(codes.map(() => [0]))),
    section(5, [1, 0, 1]),
    section(10, vector(codes)),
  )

const REFUSALS: readonly (readonly [title: string, bytes: Uint8Array, section: string, words: RegExp])[] = [
  ['nothing', new Uint8Array(0), 'header', /not a WebAssembly file.*compiled \.wasm/],
  ['text', new TextEncoder().encode('(module)'), 'header', /byte 0: it is not a WebAssembly file/],
  ['a component', Uint8Array.of(0, 0x61, 0x73, 0x6d, 13, 0, 1, 0), 'header', /byte 4.*core module/],
  ['too many bytes', new Uint8Array(8_388_609), 'header', /8388609 bytes, the limit is 8388608/],
  ['an unknown section', rawModule([14, 0]), 'section list', /byte 8: section 14 is not supported/],
  ['exceptions', rawModule(section(13, [0])), 'section list', /without exception handling/],
  ['a repeated section', rawModule(section(1, [0]), section(1, [0])), 'section list', /type section is repeated/],
  ['sections out of order', rawModule(section(3, [0]), section(1, [0])), 'section list', /out of order/],
  ['too many sections', rawModule(...new Array(257).fill([0, 1, 0])), 'section list', /over 256 sections.*Strip/],
  ['a section that overruns', rawModule([1, 5, 0]), 'section list', /4 bytes too early/],
  ['a section with bytes left', rawModule(section(1, [0, 0])), 'type section', /1 bytes left over/],
  ['an overlong number', rawModule([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0]), 'section list', /longer than 32 bits/],
  ['a number over 32 bits', rawModule([1, 0xff, 0xff, 0xff, 0xff, 0x1f]), 'section list', /longer than 32 bits/],
  ['a struct type', rawModule(section(1, vector([[0x5f, 0]]))), 'type section', /type form 0x5f/],
  ['SIMD', rawModule(section(1, vector([[0x60, 1, 0x7b, 0]]))), 'type section', /byte 13: it uses SIMD.*-msimd128/],
  ['a reference type', rawModule(section(1, vector([[0x60, 1, 0x64, 0]]))), 'type section', /0x64/],
  ['too many types', rawModule(section(1, leb(10_001))), 'type section', /10001 function types, the limit is 10000/],
  ['a foreign import', importOf('env', 'fetch', [0, 0]), 'import section', /'env\.fetch', which no device offers/],
  ['an unknown WASI function', importOf('wasi_snapshot_preview1', 'sock_open', [0, 0]), 'import section', /sock_open/],
  ['a name of Object', importOf('wasi_snapshot_preview1', 'constructor', [0, 0]), 'import section', /constructor/],
  ['WASI preview 0', importOf('wasi_unstable', 'fd_write', [0, 0]), 'import section', /wasm32-wasip1/],
  ['WASI preview 2', importOf('wasi:cli/run', 'run', [0, 0]), 'import section', /not preview 2/],
  ['a seed', importOf('env', 'seed', [0, 0]), 'import section', /Math\.random/],
  ['a wrong type', importOf('wasi_snapshot_preview1', 'fd_write', [0, 0]), 'import section', /wrong type/],
  ['an imported memory', importOf('env', 'memory', [2, 0, 1]), 'import section', /'env\.memory' \(memory\).*Define/],
  ['an imported global', importOf('env', 'base', [3, I32, 0]), 'import section', /'env\.base' \(global\)/],
  ['an imported tag', importOf('env', 'tag', [4, 0, 0]), 'import section', /kind 4/],
  ['a long name', importOf('env', 'x'.repeat(257), [0, 0]), 'import section', /257 bytes, the limit is 256/],
  ['a name that is not text', rawModule(section(2, [1, 1, 0xff, 0, 0, 0])), 'import section', /not UTF-8/],
  ['a function of no type', rawModule(section(3, [1, 0])), 'function section', /type 0 of 0/],
  ['two tables', rawModule(section(4, [2])), 'table section', /2 tables, the limit is 1/],
  ['a large table', wasmModule({ ...start, table: 1_000_001 }), 'table section', /1000001 table entries/],
  ['a shrinking table', rawModule(section(4, [1, 0x70, 1, 2, 1])), 'table section', /larger than its maximum/],
  ['a shared table', rawModule(section(4, [1, 0x70, 3, 2, 3])), 'table section', /shared or 64-bit/],
  ['two memories', withMemory([2, 0, 1, 0, 1]), 'memory section', /2 memories, the limit is 1/],
  ['a shared memory', withMemory([1, 3, 1, 2]), 'memory section', /shared.*without threads/],
  ['a 64-bit memory', withMemory([1, 4, 1]), 'memory section', /64-bit.*wasm32/],
  ['a memory of custom pages', withMemory([1, 8, 1, 0]), 'memory section', /flags 8/],
  ['a shrinking memory', withMemory([1, 1, 2, 1]), 'memory section', /larger than its maximum/],
  ['a memory over 4 GiB', withMemory([1, 0, ...leb(65_537)]), 'memory section', /over 4 GiB/],
  ['no memory', withMemory(null), 'memory section', /no memory.*export it/],
  ['a hidden memory', withMemory([1, 0, 1], { exportMemory: false }), 'export section', /does not export its memory/],
  ['no entry point', wasmModule({ functions: [{ exportAs: 'main' }] }), 'export section', /neither `_start` nor/],
  [
    'an entry point of a wrong type',
    wasmModule({ functions: [{ exportAs: '_start', results: [I64], code: op.i64(1) }] }),
    'export section',
    /neither `_start` nor/,
  ],
  [
    'an export twice',
    wasmModule({ functions: [{ exportAs: '_start' }, { exportAs: '_start' }] }),
    'export section',
    /two exports are named '_start'/,
  ],
  [
    "an export of the host's name",
    wasmModule({ functions: [{ exportAs: '_start' }, { exportAs: 'hedgerow.start' }] }),
    'export section',
    /'hedgerow\.start', a name kept for the host/,
  ],
  [
    'an initializer with arguments',
    wasmModule({ functions: [{ exportAs: '_start' }, { exportAs: '_initialize', params: [I64] }] }),
    'export section',
    /`_initialize` takes or returns values/,
  ],
  ['an export of nothing', rawModule(section(7, vector([[...text('x'), 0, 3]]))), 'export section', /function 3 of 0/],
  ['an export of a tag', rawModule(section(7, vector([[...text('x'), 4, 0]]))), 'export section', /unknown kind/],
  ['a missing start function', wasmModule({ ...start, start: 7 }), 'start section', /start function 7 is missing/],
  ['too many globals', rawModule(section(6, leb(10_001))), 'global section', /10001 globals/],
  ['too many segments', rawModule(section(11, leb(65_537))), 'data section', /65537 segments/],
  ['missing bodies', rawModule(section(1, vector([[0x60, 0, 0]])), section(3, [1, 0])), 'code section', /no bodies/],
  [
    'too few bodies',
    rawModule(section(1, vector([[0x60, 0, 0]])), section(3, [1, 0]), section(10, [0])),
    'code section',
    /0 bodies for 1/,
  ],
  ['too many locals', bodies([6, 1, ...leb(4_097), I32, 0x0b]), 'code section', /4097 locals, the limit is 4096/],
  ['locals past their body', bodies([1, 1, 1, I32, 0x0b]), 'code section', /shorter than its locals/],
  ['a large body', bodies([...leb(524_289), 0]), 'code section', /524289 bytes, the limit is 524288.*Inline less/],
]

test.each(REFUSALS)('refuses %s', (_title, bytes, name, words) => {
  const { info, message } = refusal(bytes)
  expect(info).toMatchObject({ code: 'bad_module', section: name })
  expect(message).toMatch(words)
  expect(message).toMatch(/^The module is refused at its .*byte \d+: .*\. .*\.$/)
})

test('names the byte at which it stopped', () => {
  const bytes = importOf('env', 'fetch', [0, 0])
  const { info } = refusal(bytes)
  // Header 8, type section 6, section head 2, count 1.
  expect(info).toMatchObject({ offset: 17, reason: "it imports 'env.fetch', which no device offers" })
})

test('refuses every cut of a module with a message of its own kind', () => {
  const bytes = reactor(range(0, 0), { imports: [wasiImport('random_get', 'ii:i')], globals: [1], table: 2 })
  for (let length = 0; length < bytes.length; length++)
    expect(refusal(bytes.subarray(0, length)).code).toBe('bad_module')
  expect(inspectModule(bytes).abi).toBe('reactor')
})

test('reads a module that stands inside a larger buffer', () => {
  const bytes = command([])
  const large = new Uint8Array(bytes.length + 20)
  large.set(bytes, 7)
  expect(inspectModule(large.subarray(7, 7 + bytes.length)).abi).toBe('wasi')
})
