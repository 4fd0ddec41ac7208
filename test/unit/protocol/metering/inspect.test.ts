import { expect, test } from 'vitest'
import { TaskError } from '../../../../protocol/errors.ts'
import { allowedImport } from '../../../../protocol/metering/imports.ts'
import { inspectModule, WASI_FUNCTIONS, WASI_MODULE } from '../../../../protocol/metering/index.ts'
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

test('[PROFILE-1.4] describes a command', () => {
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

test('[PROFILE-1.4] describes a reactor with a start function, a table, globals and data', () => {
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

test('[PROFILE-1.4] takes a module that exports both for a command', () => {
  const bytes = reactor(range(0, 0), { more: [{ exportAs: '_start' }] })
  expect(inspectModule(bytes).abi).toBe('wasi')
  // One that only looks like both is what it can be called as.
  const odd = reactor(range(0, 0), { more: [{ exportAs: '_start', params: [I32] }] })
  expect(inspectModule(odd).abi).toBe('reactor')
})

test('[PROFILE-1.2] accepts every function of WASI preview 1, with its own type', () => {
  for (const field of WASI_FUNCTIONS) {
    const type = allowedImport(WASI_MODULE, field) ?? ''
    expect(inspectModule(command([], { imports: [wasiImport(field, type)] })).imports).toEqual([
      { module: WASI_MODULE, field },
    ])
    const wrong = command([], { imports: [wasiImport(field, `I${type}`)] })
    expect(refusal(wrong).message).toMatch(/with a wrong type\. Declare it as WASI preview 1 does/)
  }
  expect(WASI_FUNCTIONS).toHaveLength(46)
})

test('[PROFILE-1.2] accepts the abort of AssemblyScript', () => {
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
  ['[PROFILE-1.1] a component', Uint8Array.of(0, 0x61, 0x73, 0x6d, 13, 0, 1, 0), 'header', /byte 4.*core module/],
  ['[PROFILE-1.5] too many bytes', new Uint8Array(8_388_609), 'header', /8388609 bytes, the limit is 8388608/],
  ['an unknown section', rawModule([14, 0]), 'section list', /byte 8: section 14 is not supported/],
  ['[PROFILE-1.1] exceptions', rawModule(section(13, [0])), 'section list', /without exception handling/],
  ['a repeated section', rawModule(section(1, [0]), section(1, [0])), 'section list', /type section is repeated/],
  ['sections out of order', rawModule(section(3, [0]), section(1, [0])), 'section list', /out of order/],
  [
    '[PROFILE-1.5] too many sections',
    rawModule(...new Array(257).fill([0, 1, 0])),
    'section list',
    /over 256 sections.*Strip/,
  ],
  ['a section that overruns', rawModule([1, 5, 0]), 'section list', /ends 4 bytes too early/],
  ['a section with bytes left', rawModule(section(1, [0, 0])), 'type section', /it has 1 byte left over/],
  ['an overlong number', rawModule([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0]), 'section list', /longer than 32 bits/],
  ['a number over 32 bits', rawModule([1, 0xff, 0xff, 0xff, 0xff, 0x1f]), 'section list', /longer than 32 bits/],
  ['[PROFILE-1.1] a struct type', rawModule(section(1, vector([[0x5f, 0]]))), 'type section', /type form 0x5f/],
  [
    '[PROFILE-1.1] SIMD',
    rawModule(section(1, vector([[0x60, 1, 0x7b, 0]]))),
    'type section',
    /byte 13: it uses SIMD.*-msimd128/,
  ],
  ['[PROFILE-1.1] a reference type', rawModule(section(1, vector([[0x60, 1, 0x64, 0]]))), 'type section', /0x64/],
  ['too many types', rawModule(section(1, leb(10_001))), 'type section', /10001 function types, the limit is 10000/],
  [
    '[PROFILE-1.2] a foreign import',
    importOf('env', 'fetch', [0, 0]),
    'import section',
    /'env\.fetch', which no device offers/,
  ],
  [
    '[PROFILE-1.2] an unknown WASI function',
    importOf('wasi_snapshot_preview1', 'sock_open', [0, 0]),
    'import section',
    /sock_open/,
  ],
  ['a name of Object', importOf('wasi_snapshot_preview1', 'constructor', [0, 0]), 'import section', /constructor/],
  ['[PROFILE-1.2] WASI preview 0', importOf('wasi_unstable', 'fd_write', [0, 0]), 'import section', /wasm32-wasip1/],
  ['[PROFILE-1.2] WASI preview 2', importOf('wasi:cli/run', 'run', [0, 0]), 'import section', /not preview 2/],
  ['[PROFILE-1.2] a seed', importOf('env', 'seed', [0, 0]), 'import section', /Math\.random/],
  [
    '[PROFILE-1.2] a wrong type',
    importOf('wasi_snapshot_preview1', 'fd_write', [0, 0]),
    'import section',
    /wrong type/,
  ],
  [
    '[PROFILE-1.2] an imported memory',
    importOf('env', 'memory', [2, 0, 1]),
    'import section',
    /'env\.memory' \(memory\).*Define/,
  ],
  [
    '[PROFILE-1.2] an imported global',
    importOf('env', 'base', [3, I32, 0]),
    'import section',
    /'env\.base' \(global\)/,
  ],
  ['[PROFILE-1.2] an imported tag', importOf('env', 'tag', [4, 0, 0]), 'import section', /kind 4/],
  ['a long name', importOf('env', 'x'.repeat(257), [0, 0]), 'import section', /257 bytes, the limit is 256/],
  ['a name that is not text', rawModule(section(2, [1, 1, 0xff, 0, 0, 0])), 'import section', /not UTF-8/],
  ['a function of no type', rawModule(section(3, [1, 0])), 'function section', /type 0 of 0/],
  ['[PROFILE-1.1] two tables', rawModule(section(4, [2])), 'table section', /2 tables, the limit is 1/],
  ['a large table', wasmModule({ ...start, table: 100_001 }), 'table section', /100001 table entries/],
  ['a shrinking table', rawModule(section(4, [1, 0x70, 1, 2, 1])), 'table section', /larger than its maximum/],
  ['[PROFILE-1.1] a shared table', rawModule(section(4, [1, 0x70, 3, 2, 3])), 'table section', /shared or 64-bit/],
  ['[PROFILE-1.1] two memories', withMemory([2, 0, 1, 0, 1]), 'memory section', /2 memories, the limit is 1/],
  ['[PROFILE-1.1] a shared memory', withMemory([1, 3, 1, 2]), 'memory section', /shared.*without threads/],
  ['[PROFILE-1.1] a 64-bit memory', withMemory([1, 4, 1]), 'memory section', /64-bit.*wasm32/],
  ['[PROFILE-1.1] a memory of custom pages', withMemory([1, 8, 1, 0]), 'memory section', /flags 8/],
  ['a shrinking memory', withMemory([1, 1, 2, 1]), 'memory section', /larger than its maximum/],
  ['a memory over 4 GiB', withMemory([1, 0, ...leb(65_537)]), 'memory section', /over 4 GiB/],
  ['[PROFILE-1.3] no memory', withMemory(null), 'memory section', /no memory.*export it/],
  [
    '[PROFILE-1.3] a hidden memory',
    withMemory([1, 0, 1], { exportMemory: false }),
    'export section',
    /does not export its memory/,
  ],
  [
    '[PROFILE-1.4] no entry point',
    wasmModule({ functions: [{ exportAs: 'main' }] }),
    'export section',
    /neither `_start` nor/,
  ],
  [
    '[PROFILE-1.4] an entry point of a wrong type',
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
    "[PROFILE-1.3] an export of the host's name",
    wasmModule({ functions: [{ exportAs: '_start' }, { exportAs: 'hedgerow.start' }] }),
    'export section',
    /'hedgerow\.start', a name kept for the host/,
  ],
  [
    '[PROFILE-1.4] an initializer with arguments',
    wasmModule({ functions: [{ exportAs: '_start' }, { exportAs: '_initialize', params: [I64] }] }),
    'export section',
    /`_initialize` takes or returns values/,
  ],
  ['an export of nothing', rawModule(section(7, vector([[...text('x'), 0, 3]]))), 'export section', /function 3 of 0/],
  ['an export of a tag', rawModule(section(7, vector([[...text('x'), 4, 0]]))), 'export section', /unknown kind/],
  ['a missing start function', wasmModule({ ...start, start: 7 }), 'start section', /start function 7 is missing/],
  ['too many globals', rawModule(section(6, leb(10_001))), 'global section', /10001 globals/],
  ['elements of an unknown kind', command([], { elementSection: vector([[8, 0]]) }), 'element section', /flags 8/],
  ['data of an unknown kind', command([], { dataSection: vector([[3, 0]]) }), 'data section', /flags 3/],
  ['data cut short', command([], { dataSection: vector([[1, 5, 0]]) }), 'data section', /ends 4 bytes too early/],
  [
    '[PROFILE-1.1] data at a place that is computed',
    command([], { dataSection: vector([[0, ...op.i32(1), ...op.i32(2), ...op.add, 0x0b, 0]]) }),
    'data section',
    /no plain constant/,
  ],
  [
    '[PROFILE-1.1] a global of a vector type',
    command([], { globals: [{ type: 0x7b, init: op.i32(0) }] }),
    'global section',
    /it uses SIMD vectors/,
  ],
  [
    '[PROFILE-1.1] a shared global',
    rawModule(section(6, vector([[I32, 2, ...op.i32(0), 0x0b]]))),
    'global section',
    /global 0 is shared/,
  ],
  ['too many segments', rawModule(section(11, leb(65_537))), 'data section', /65537 segments/],
  ['missing bodies', rawModule(section(1, vector([[0x60, 0, 0]])), section(3, [1, 0])), 'code section', /no bodies/],
  [
    'too few bodies',
    rawModule(section(1, vector([[0x60, 0, 0]])), section(3, [1, 0]), section(10, [0])),
    'code section',
    /0 bodies for 1/,
  ],
  [
    '[PROFILE-1.5] a large body',
    bodies([...leb(524_289), 0]),
    'code section',
    /524289 bytes, the limit is 524288.*Inline less/,
  ],
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
  for (let length = 0; length < bytes.length; length++) {
    expect(refusal(bytes.subarray(0, length)).code).toBe('bad_module')
  }
  expect(inspectModule(bytes).abi).toBe('reactor')
})

test('reads a module that stands inside a larger buffer', () => {
  const bytes = command([])
  const large = new Uint8Array(bytes.length + 20)
  large.set(bytes, 7)
  expect(inspectModule(large.subarray(7, 7 + bytes.length)).abi).toBe('wasi')
})
