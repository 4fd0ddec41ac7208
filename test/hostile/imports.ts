/** Modules that ask the host for what it does not give, and modules that begin to run before they are asked to. */
import {
  command,
  END,
  F32,
  FUNCREF,
  I32,
  I64,
  leb,
  op,
  range,
  rawModule,
  reactor,
  section,
  text,
  vector,
  wasiImport,
  wasmModule,
} from '../support/wasm-module.ts'
import { parts, print, repeat } from './code.ts'
import { alike, exit, forbidden, type Hostile, invalid, ok, okWords, outOfFuel, trap } from './entry.ts'

type Bytes = readonly number[]

const WASI = 'wasi_snapshot_preview1'

/** A module that imports this, of type `() -> ()` when it is a function. */
function imports(
  name: string,
  module: Bytes,
  field: Bytes,
  what: Bytes,
  reason: RegExp,
  more: { invalid?: true } = {},
): Hostile {
  return {
    name: `import: ${name}`,
    make: () => {
      const { type, ...rest } = parts()
      return rawModule(type, section(2, vector([[...module, ...field, ...what]])), ...Object.values(rest))
    },
    expect: more.invalid ? invalid('import section', reason) : forbidden('import section', reason),
  }
}

const unknown = (module: string, field: string) =>
  imports(
    JSON.stringify(`${module}.${field}`).slice(1, -1),
    text(module),
    text(field),
    [0, 0],
    /which no device offers/,
  )

function wrongType(field: string, params: Bytes, results: Bytes): Hostile {
  return {
    name: `import: ${field} with another type (${params.length} to ${results.length})`,
    make: () => wasmModule({ imports: [{ field, params, results }], functions: [{ exportAs: '_start' }] }),
    expect: forbidden('import section', /wrong type/),
  }
}

const hostImports: readonly Hostile[] = [
  unknown('env', 'evil'),
  unknown('env', 'seed'),
  unknown('env', 'emscripten_memcpy_js'),
  unknown('wasi_unstable', 'fd_write'),
  unknown('wasi:cli/stdout@0.2.0', 'get-stdout'),
  unknown('wasi_snapshot_preview2', 'fd_write'),
  unknown(WASI, 'fd_write\0'),
  unknown(WASI, 'FD_WRITE'),
  // Refusals are shown in terminals.
  unknown(WASI, '\u001b[2J\u001b[31mfd_write'),
  unknown('\u202eelif', '\r\n\u0007'),
  unknown(WASI, '__proto__'),
  unknown(WASI, 'constructor'),
  unknown(WASI, 'hasOwnProperty'),
  unknown('__proto__', 'fd_write'),
  unknown('constructor', 'constructor'),
  unknown('', ''),
  unknown('hedgerow', 'fuel'),
  unknown('hedgerow', 'memory'),
  unknown('node:fs', 'readFileSync'),
  imports('a table', text('env'), text('table'), [1, FUNCREF, 0, 1], /env\.table.*table/),
  imports('a memory', text('env'), text('memory'), [2, 0, 1], /env\.memory.*memory/),
  imports(
    "a memory by the sandbox's own name",
    text('hedgerow'),
    text('memory'),
    [2, 0, 1],
    /hedgerow\.memory.*memory/,
  ),
  imports('a global', text('env'), text('__stack_pointer'), [3, I32, 1], /global/),
  imports("a global by the sandbox's own name", text('hedgerow'), text('fuel'), [3, I64, 1], /global/),
  imports('an exception tag', text('env'), text('tag'), [4, 0, 0], /kind 4/),
  imports('a thing of kind 9', text('env'), text('thing'), [9, 0], /kind 9/, { invalid: true }),
  imports('a function of no type', text(WASI), text('fd_write'), [0, 9], /type 9 of 1/, { invalid: true }),
  imports('a name that is not UTF-8', [2, 0xc3, 0x28], text('x'), [0, 0], /UTF-8/, { invalid: true }),
  imports('half of a surrogate pair as a name', [3, 0xed, 0xa0, 0x80], text('x'), [0, 0], /UTF-8/, { invalid: true }),
  imports('a name of 257 bytes', text('x'.repeat(257)), text('x'), [0, 0], /257 bytes/),
  wrongType('fd_write', [I32, I32, I32], [I32]),
  wrongType('fd_write', [I32, I32, I32, I64], [I32]),
  wrongType('fd_write', [I32, I32, I32, I32], []),
  wrongType('fd_write', [I32, I32, I32, I32], [I32, I32]),
  wrongType('fd_read', [F32, F32, F32, F32], [F32]),
  wrongType('proc_exit', [], []),
  wrongType('proc_exit', [I32], [I32]),
  wrongType('random_get', repeat(200, [I32]), [I32]),
  {
    name: 'import: all of WASI that makes no sense, called',
    make: () =>
      command([...op.i32(3), ...op.i32(0), ...op.i32(0), ...op.call(0), ...op.call(1)], {
        imports: [wasiImport('sock_accept', 'iii:i'), wasiImport('proc_exit', 'i:')],
      }),
    expect: alike(2, exit(52)),
  },
  {
    name: 'import: a host function as an export',
    make: () =>
      rawModule(
        section(
          1,
          vector([
            [0x60, 0, 0],
            [0x60, 1, I32, 0],
          ]),
        ),
        section(2, vector([[...text(WASI), ...text('proc_exit'), 0, 1]])),
        section(3, [1, 0]),
        section(5, [1, 0, 1]),
        section(
          7,
          vector([
            [...text('_start'), 0, 1],
            [...text('memory'), 2, 0],
            [...text('leave'), 0, 0],
          ]),
        ),
        section(10, [1, 6, 0, ...op.i32(9), ...op.call(0), END]),
      ),
    expect: alike(2, exit(9)),
  },
  {
    name: 'import: a host function as `_start`',
    make: () =>
      rawModule(
        section(1, vector([[0x60, 1, I32, 0]])),
        section(2, vector([[...text(WASI), ...text('proc_exit'), 0, 0]])),
        section(5, [1, 0, 1]),
        section(
          7,
          vector([
            [...text('_start'), 0, 0],
            [...text('memory'), 2, 0],
          ]),
        ),
      ),
    expect: forbidden('export section', /neither/),
  },
  {
    name: 'import: a host function as alloc of a reactor',
    make: () =>
      rawModule(
        section(
          1,
          vector([
            [0x60, 1, I32, 1, I32],
            [0x60, 2, I32, I32, 1, I64],
          ]),
        ),
        section(2, vector([[...text(WASI), ...text('fd_close'), 0, 0]])),
        section(3, [1, 1]),
        section(5, [1, 0, 1]),
        section(
          7,
          vector([
            [...text('alloc'), 0, 0],
            [...text('run'), 0, 1],
            [...text('memory'), 2, 0],
          ]),
        ),
        section(10, vector([[...leb(op.i64(0).length + 2), 0, ...op.i64(0), END]])),
      ),
    abi: 'reactor',
    expect: alike(2, ok()),
  },
]

const START = 'start function'
const written = { imports: [wasiImport('fd_write', 'iiii:i')] }

/** A command whose start function is `code`; both it and `_start` may write with function 0. */
function starts(name: string, code: Bytes, expect: Hostile['expect'], main: Bytes = []): Hostile {
  return {
    name: `${START}: ${name}`,
    make: () =>
      wasmModule({
        ...written,
        functions: [{ exportAs: '_start', code: main }, { code }],
        start: 2,
        globals: [0],
        data: { at: 100, bytes: [...new TextEncoder().encode('startmain')] },
      }),
    expect,
  }
}

const counting = [...op.global(0), ...op.i32(1), ...op.add, ...op.setGlobal(0)]

const startFunctions: readonly Hostile[] = [
  starts('writes before the command does', print(0, 100, 5), alike(3, ok('startmain')), print(0, 105, 4)),
  starts('writes, and the command does not', print(0, 100, 5), alike(3, ok('start'))),
  starts('loops for ever', op.forever(), alike(2, outOfFuel)),
  starts('writes for ever', op.forever(print(0, 100, 5)), alike(2, outOfFuel)),
  starts('traps', op.unreachable, alike(3, trap('unreachable')), print(0, 105, 4)),
  starts('calls itself', op.call(2), alike(3, trap('stack_exhausted'))),
  starts('calls the command, which is called again', op.call(1), alike(3, ok('mainmain')), print(0, 105, 4)),
  {
    name: `${START}: counts in a global how often it ran`,
    make: () =>
      reactor([...op.i32(0), ...op.global(0), ...op.store(), ...range(0, 4)], {
        more: [{ code: counting }],
        start: 2,
        globals: [0],
      }),
    abi: 'reactor',
    expect: alike(4, okWords(1)),
  },
  {
    name: `${START}: counts in memory how often it ran`,
    make: () =>
      reactor(range(8, 4), {
        more: [{ code: [...op.i32(8), ...op.i32(8), ...op.load(), ...op.i32(1), ...op.add, ...op.store()] }],
        start: 2,
      }),
    abi: 'reactor',
    expect: alike(4, okWords(1)),
  },
  {
    name: `${START}: is run itself by the reactor`,
    make: () =>
      reactor([...op.call(2), ...op.i32(0), ...op.global(0), ...op.store(), ...range(0, 4)], {
        more: [{ code: counting, exportAs: '_initialize' }],
        start: 2,
        globals: [0],
      }),
    abi: 'reactor',
    expect: alike(4, okWords(3)),
  },
  {
    name: `${START}: takes a parameter`,
    make: () => wasmModule({ functions: [{ exportAs: '_start' }, { params: [I32] }], start: 1 }),
    expect: invalid('start section', /wrong type/),
  },
  {
    name: `${START}: gives a result`,
    make: () => wasmModule({ functions: [{ exportAs: '_start' }, { results: [I32], code: op.i32(0) }], start: 1 }),
    expect: invalid('start section', /wrong type/),
  },
  {
    name: `${START}: is none of the functions`,
    make: () => wasmModule({ functions: [{ exportAs: '_start' }], start: 1 }),
    expect: invalid('start section', /missing/),
  },
  {
    name: `${START}: is function 2^32 - 1`,
    make: () => wasmModule({ functions: [{ exportAs: '_start' }], start: 2 ** 32 - 1 }),
    expect: invalid('start section', /missing/),
  },
  {
    name: `${START}: is a host function`,
    make: () => wasmModule({ imports: [wasiImport('proc_exit', 'i:')], functions: [{ exportAs: '_start' }], start: 0 }),
    expect: invalid('start section', /wrong type/),
  },
  {
    name: `${START}: has bytes left behind it`,
    make: () => {
      const all = parts()
      return rawModule(all.type, all.function, all.memory, all.export, [8, 2, 0, 0], all.code)
    },
    expect: invalid('start section', /left over/),
  },
]

export const IMPORTS: readonly Hostile[] = [...hostImports, ...startFunctions]
