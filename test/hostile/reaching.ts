/**
 * Indices just beyond a module's own: of locals, globals, functions, types and labels, where metering puts what it adds. What is invalid
 * in the module as it was sent must not become valid by the rewriting.
 */
import { END, F64, FUNCREF, I32, I64, op, section, text, vector, wasmModule } from '../support/wasm-module.ts'
import { assembled, ins } from './code.ts'
import { type Hostile, invalid } from './entry.ts'

type Bytes = readonly number[]

/** The section that is named when the engine refuses the module. */
const ENGINE = 'module'
const CODE = 'code section'
const OFFSETS = [0, 1, 3]

/** Modules that reach for what is not theirs, by these distances beyond their own last index. */
function reaching(what: string, section: string, reason: RegExp, make: (offset: number) => Uint8Array): Hostile[] {
  return OFFSETS.map(offset => ({
    name: `reaching for ${what}, ${offset} beyond its own`,
    make: () => make(offset),
    expect: invalid(section, reason),
  }))
}

/** A command with two locals, one of each kind of thing, whose code is this. It calls, so that it is metered in full. */
function one(code: Bytes): Uint8Array {
  return wasmModule({
    functions: [
      { exportAs: '_start', locals: [I64, F64], code: [...op.i64(1), ...op.call(1), ...op.setLocal(0), ...code] },
      { params: [I64], results: [I64], code: op.local(0) },
    ],
    globals: [1],
    table: 1,
    elements: [0],
    dataCount: 1,
    data: { at: 0, bytes: [1] },
  })
}

export const REACHING: readonly Hostile[] = [
  ...reaching('a local to read', CODE, /names local/, offset => one([...op.local(2 + offset), ...op.drop])),
  ...reaching('a 64-bit local to write', CODE, /names local/, offset =>
    one([...op.i64(1000), ...op.setLocal(2 + offset)]),
  ),
  ...reaching('a 32-bit local to write', CODE, /names local/, offset =>
    one([...op.i32(1000), ...op.setLocal(2 + offset)]),
  ),
  ...reaching('a local to tee', CODE, /names local/, offset =>
    one([...op.i64(1000), ...ins.tee(2 + offset), ...op.drop]),
  ),
  ...reaching('a global to read', CODE, /names global/, offset => one([...op.global(1 + offset), ...op.drop])),
  ...reaching('a 64-bit global to write', CODE, /names global/, offset =>
    one([...op.i64(1_000_000), ...op.setGlobal(1 + offset)]),
  ),
  ...reaching('a 32-bit global to write', CODE, /names global/, offset =>
    one([...op.i32(0), ...op.setGlobal(1 + offset)]),
  ),
  ...reaching('a function to call', CODE, /names function/, offset => one(op.call(2 + offset))),
  ...reaching('a function to refer to', CODE, /names function/, offset =>
    one([...ins.refFunc(2 + offset), ...op.drop]),
  ),
  ...reaching('a type to call by', CODE, /names type/, offset => one([...op.i32(0), ...op.callIndirect(2 + offset)])),
  ...reaching('a type for a block', CODE, /names type/, offset => one([0x02, 2 + offset, END])),
  ...reaching('a label', CODE, /names label/, offset => one(ins.br(1 + offset))),
  ...reaching('a label, from inside blocks', CODE, /names label/, offset =>
    one(ins.block(ins.loop([...op.i32(0), ...ins.brIf(3 + offset)]))),
  ),
  ...reaching('a label of a jump table', CODE, /names label/, offset =>
    one([...op.i32(0), ...ins.brTable([1 + offset], 0)]),
  ),
  ...reaching('a data segment', CODE, /names data segment/, offset => one(ins.dataDrop(1 + offset))),
  ...reaching('an element segment', CODE, /names element segment/, offset => one(ins.elemDrop(1 + offset))),
  ...reaching('a table', CODE, /names table/, offset => one([...ins.tableSize(1 + offset), ...op.drop])),
  ...reaching('a memory', ENGINE, /memory index/, offset => one([0x3f, 1 + offset, ...op.drop])),
  ...reaching('a function for the table', 'element section', /names function/, offset =>
    assembled({ element: section(9, vector([[0, 0x41, 0, END, 1, 1 + offset]])) }),
  ),
  ...reaching('a function to export', 'export section', /is function/, offset => exportOf(0, 1 + offset)),
  ...reaching('a global to export', ENGINE, /out of bounds/, offset => exportOf(3, 1 + offset)),
  ...reaching('a global for an initial value', 'global section', /no plain constant/, offset =>
    assembled({ global: section(6, vector([[I32, 1, 0x23, offset, END]])) }),
  ),
  ...reaching('a function for an initial value', 'global section', /names function/, offset =>
    assembled({ global: section(6, vector([[FUNCREF, 1, 0xd2, 1 + offset, END]])) }),
  ),
  ...reaching('a type for a function', 'function section', /has type/, offset =>
    assembled({ function: section(3, [1, 1 + offset]) }),
  ),
  // Behind a branch nothing runs, and metering may leave it out; an engine checks it all the same.
  ...reaching('a local in dead code', CODE, /names local/, offset =>
    one([...ins.return, ...op.local(2 + offset), ...op.drop]),
  ),
  ...reaching('a global in dead code', CODE, /names global/, offset =>
    one([...ins.return, ...op.i64(9), ...op.setGlobal(1 + offset)]),
  ),
]

/** A command with one more export, of this kind and index. */
function exportOf(kind: number, index: number): Uint8Array {
  const entries = [
    [...text('_start'), 0, 0],
    [...text('memory'), 2, 0],
    [...text('x'), kind, index],
  ]
  return assembled({ export: section(7, vector(entries)) })
}
