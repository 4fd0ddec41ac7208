/** Names and indices that mean something to the host: exports called like its own, poisoned name sections, indices of what metering adds. */
import {
  command,
  type GlobalParts,
  I32,
  I64,
  leb,
  op,
  rawModule,
  reactor,
  section,
  text,
  vector,
  wasmModule,
} from '../support/wasm-module.ts'
import { ascii, assembled, custom, parts, repeat } from './code.ts'
import { alike, forbidden, type Hostile, invalid, ok, okWords } from './entry.ts'

type Bytes = readonly number[]

/** The section that is named when the engine refuses the module. */
const ENGINE = 'module'

const fine = alike(2, ok())

/** A command with one more function of type `() -> ()`, exported by this name. */
const exporting = (exportAs: string) => wasmModule({ functions: [{ exportAs: '_start' }, { exportAs }] })

const hostNames = [
  'hedgerow.fuel',
  'hedgerow.fault',
  'hedgerow.start',
  'hedgerow.memory',
  'hedgerow.global.0',
  'hedgerow.profile.0',
]

const exports: readonly Hostile[] = [
  ...hostNames.map(
    (name): Hostile => ({
      name: `names: a function exported as ${name}`,
      make: () => exporting(name),
      expect: forbidden('export section', /kept for the host/),
    }),
  ),
  ...hostNames.map(
    (name): Hostile => ({
      name: `names: a global exported as ${name}`,
      make: () => command([], { globals: [{ type: I64, init: op.i64(1), exportAs: name }] }),
      expect: forbidden('export section', /kept for the host/),
    }),
  ),
  ...['__proto__', 'constructor', 'toString', 'then', 'hasOwnProperty', '', '\0', '🦔', 'hedgerow'].map(
    (name): Hostile => ({
      name: `names: a function exported as ${JSON.stringify(name)}`,
      make: () => exporting(name),
      expect: fine,
    }),
  ),
  {
    name: 'names: a colourful one that is kept for the host',
    make: () => exporting('hedgerow.\u001b[31m\u0007'),
    expect: forbidden('export section', /kept for the host/),
  },
  {
    name: 'names: a colourful one twice',
    make: () =>
      wasmModule({ functions: [{ exportAs: '_start' }, { exportAs: '\u001b[31m' }, { exportAs: '\u001b[31m' }] }),
    expect: invalid('export section', /two exports/),
  },
  {
    name: 'names: _start is a global',
    make: () => command([], { globals: [{ type: I32, init: op.i32(0), exportAs: '_start' }] }),
    expect: invalid('export section', /two exports/),
  },
  {
    name: 'names: _start is nothing but a global',
    make: () => globalsNamed([{ type: I32, init: op.i32(0), exportAs: '_start' }]),
    expect: forbidden('export section', /neither/),
  },
  {
    name: 'names: alloc and run are globals',
    make: () => globalsNamed(['alloc', 'run'].map(exportAs => ({ type: I32, init: op.i32(0), exportAs }))),
    abi: 'reactor',
    expect: forbidden('export section', /neither/),
  },
  {
    name: 'names: _initialize is a global',
    make: () => reactor(op.i64(0), { globals: [{ type: I32, init: op.i32(0), exportAs: '_initialize' }] }),
    abi: 'reactor',
    expect: fine,
  },
  {
    name: 'names: _initialize takes a value',
    make: () => reactor(op.i64(0), { more: [{ params: [I32], exportAs: '_initialize' }] }),
    abi: 'reactor',
    expect: forbidden('export section', /_initialize/),
  },
  {
    name: 'names: the memory is a function',
    make: () => wasmModule({ exportMemory: false, functions: [{ exportAs: '_start' }, { exportAs: 'memory' }] }),
    expect: forbidden('export section', /does not export its memory/),
  },
  {
    name: 'names: memory 1 of one',
    make: () => assembled({ export: section(7, [2, 6, ...ascii('_start'), 0, 0, 6, ...ascii('memory'), 2, 1]) }),
    expect: invalid(ENGINE, /memory index/),
  },
  {
    name: 'names: table 7 of one',
    make: () => exportOf([1, 7]),
    expect: invalid(ENGINE, /out of bounds/),
  },
  { name: 'names: global 1 of one', make: () => exportOf([3, 1]), expect: invalid(ENGINE, /out of bounds/) },
  {
    name: 'names: function 1 of one',
    make: () => exportOf([0, 1]),
    expect: invalid('export section', /function 1 of 1/),
  },
  { name: 'names: an export of kind 5', make: () => exportOf([5, 0]), expect: invalid('export section', /kind/) },
  {
    name: 'names: a reactor run as a command',
    make: () => reactor(op.i64(0)),
    expect: forbidden('export section', /reactor module/),
  },
  {
    name: 'names: a command that looks like a reactor too',
    make: () =>
      wasmModule({
        functions: [
          { exportAs: '_start' },
          { exportAs: 'alloc', params: [I32], results: [I32], code: op.unreachable },
          { exportAs: 'run', params: [I32, I32], results: [I64], code: op.unreachable },
        ],
      }),
    expect: fine,
  },
  {
    name: 'names: a reactor of wrong types',
    make: () =>
      wasmModule({
        functions: [
          { exportAs: 'alloc', params: [I64], results: [I32], code: op.i32(0) },
          { exportAs: 'run', params: [I32, I32], results: [I64], code: op.i64(0) },
        ],
      }),
    abi: 'reactor',
    expect: forbidden('export section', /neither/),
  },
]

function globalsNamed(globals: readonly GlobalParts[]): Uint8Array {
  return wasmModule({ functions: [{}], globals })
}

/** A command with one more export, of this kind and index. */
function exportOf(what: Bytes): Uint8Array {
  return assembled({
    export: section(
      7,
      vector([
        [...text('_start'), 0, 0],
        [...text('memory'), 2, 0],
        [...text('x'), ...what],
      ]),
    ),
  })
}

/** A command that traps, so that its names are looked at, with a name section of these contents. */
function named(name: string, contents: Bytes): Hostile {
  return {
    name: `names: a name section of ${name}`,
    make: () => rawModule(...Object.values(parts(op.unreachable)), custom('name', contents)),
    expect: alike(2, { kind: 'trap', trap: 'unreachable' }),
  }
}

const subsection = (id: number, contents: Bytes) => [id, ...leb(contents.length), ...contents]
const nameMap = (entries: readonly (readonly [index: number, name: Bytes])[]) =>
  vector(entries.map(([index, name]) => [...leb(index), ...leb(name.length), ...name]))

const nameSections: readonly Hostile[] = [
  named('200 000 bytes for one function', subsection(1, nameMap([[0, repeat(200_000, ascii('x'))]]))),
  named('invalid UTF-8', subsection(1, nameMap([[0, [0xc3, 0x28, 0xff, 0xfe]]]))),
  named('control characters and colours', subsection(1, nameMap([[0, ascii('\u001b[31m\r\n\0\u202e')]]))),
  named(
    'functions there are not',
    subsection(
      1,
      nameMap([
        [7, ascii('x')],
        [2 ** 32 - 1, ascii('y')],
      ]),
    ),
  ),
  named(
    'a function named twice',
    subsection(
      1,
      nameMap([
        [0, ascii('x')],
        [0, ascii('y')],
      ]),
    ),
  ),
  named(
    'functions out of order',
    subsection(
      1,
      nameMap([
        [9, ascii('x')],
        [0, ascii('y')],
      ]),
    ),
  ),
  named(
    '100 000 names',
    subsection(1, nameMap(Array.from({ length: 100_000 }, (_, index) => [index, ascii('f')] as const))),
  ),
  named('a count that lies', subsection(1, [...leb(2 ** 32 - 1), 0, 1, 0x78])),
  named('a subsection longer than it', [1, 100, 1, 0, 1, 0x78]),
  named('a subsection of 2^32 - 1 bytes', [1, ...leb(2 ** 32 - 1)]),
  named('subsections twice and backwards', [...subsection(2, [0]), ...subsection(1, [0]), ...subsection(1, [0])]),
  named('local names of a function that is not there', subsection(2, [1, 9, 1, 0, 1, 0x78])),
  named('garbage', repeat(100, [0xff])),
]

const mixed: readonly Hostile[] = [
  {
    name: 'names: a type that looks like a metered one, called through a table',
    make: lookalikes,
    abi: 'reactor',
    expect: alike(3, okWords(7)),
  },
]

/** Functions that take and return just what metering hands on, besides those that it makes so. */
function lookalikes(): Uint8Array {
  return reactor(
    [
      ...op.i32(0),
      ...[...op.i64(7), ...op.i32(5), ...op.i32(0), ...op.callIndirect(2), 0xa7, ...op.store()],
      ...[0x42, 0, 0x42, 4, 0x84],
    ],
    {
      table: 2,
      elements: [2, 3],
      more: [
        { params: [I64, I32], results: [I64], code: op.local(0) },
        { params: [], results: [], code: [] },
        { params: [I64, I32, I64, I32], results: [I64, I64], code: [...op.local(0), ...op.local(2)] },
      ],
    },
  )
}

export const NAMES: readonly Hostile[] = [...exports, ...nameSections, ...mixed]
