/** Assembles WebAssembly modules by hand, byte for byte, so that tests need no compiler and can make what none would. */

type Bytes = readonly number[]

export const I32 = 0x7f
export const I64 = 0x7e
export const F32 = 0x7d
export const F64 = 0x7c
export const FUNCREF = 0x70
export const EXTERNREF = 0x6f
export const END = 0x0b

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...leb(Math.floor(value / 128))]
}

/** Signed LEB128 of up to 53 bits. */
export function sleb(value: number): number[] {
  const low = ((value % 128) + 128) % 128
  const rest = (value - low) / 128
  const last = (rest === 0 && low < 64) || (rest === -1 && low >= 64)
  return last ? [low] : [low | 128, ...sleb(rest)]
}

export const text = (value: string): number[] => {
  const bytes = [...new TextEncoder().encode(value)]
  return [...leb(bytes.length), ...bytes]
}

export const vector = (items: readonly Bytes[]): number[] => [...leb(items.length), ...items.flat()]

export const section = (id: number, contents: Bytes): number[] => [id, ...leb(contents.length), ...contents]

/** A module of sections as they are given. */
export function rawModule(...sections: readonly Bytes[]): Uint8Array {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()])
}

export interface FunctionParts {
  readonly params?: Bytes
  readonly results?: Bytes
  /** Types of the locals besides the parameters. */
  readonly locals?: Bytes
  /** Instructions, without the final `end`. */
  readonly code?: Bytes
  readonly exportAs?: string
}

export interface ImportParts {
  readonly module?: string
  readonly field: string
  readonly params?: Bytes
  readonly results?: Bytes
  readonly exportAs?: string
}

export interface TableParts {
  /** Default {@link FUNCREF}. */
  readonly type?: number
  readonly entries: number
  readonly maximum?: number
}

export interface GlobalParts {
  readonly type: number
  readonly immutable?: boolean
  /** Constant expression, without the final `end`. */
  readonly init: Bytes
  readonly exportAs?: string
}

export interface ModuleShape {
  readonly imports?: readonly ImportParts[]
  readonly functions?: readonly FunctionParts[]
  /** Contents of the memory section; default one memory of one page. Null for none. */
  readonly memory?: Bytes | null
  readonly exportMemory?: boolean
  /** One table; a number is the entries of a table of functions without a maximum. */
  readonly table?: number | TableParts
  /** Types that only blocks and indirect calls use; their indices come after the imports' and functions', which have one each. */
  readonly types?: readonly { readonly params?: Bytes; readonly results?: Bytes }[]
  /** A number is the initial value of a mutable i32. */
  readonly globals?: readonly (number | GlobalParts)[]
  readonly start?: number
  /** Placed at address `at`. */
  readonly data?: { readonly at: number; readonly bytes: Bytes }
  /** Function indices placed into the table from 0. */
  readonly elements?: Bytes
  /** Contents of the element section, instead of `elements`. */
  readonly elementSection?: Bytes
  /** Contents of the data section, instead of `data`. */
  readonly dataSection?: Bytes
  /** Segments that the data count section announces; default none. */
  readonly dataCount?: number
  readonly custom?: string
  /** Names of functions by index, for people. */
  readonly names?: Readonly<Record<number, string>>
}

/** A well-formed module of the given parts. Imported functions come first in the index space. */
export function wasmModule(shape: ModuleShape): Uint8Array {
  const { imports = [], functions = [], globals = [], types: more = [] } = shape
  const memory = shape.memory === undefined ? [1, 0, 1] : shape.memory
  const types = [...imports, ...functions, ...more].map(({ params = [], results = [] }) => [
    0x60,
    ...leb(params.length),
    ...params,
    ...leb(results.length),
    ...results,
  ])
  const exports = [...imports, ...functions].flatMap(({ exportAs }, index) =>
    exportAs === undefined ? [] : [[...text(exportAs), 0, ...leb(index)]],
  )
  for (const [index, global] of globals.entries()) {
    if (typeof global !== 'number' && global.exportAs !== undefined)
      exports.push([...text(global.exportAs), 3, ...leb(index)])
  }
  if (memory !== null && shape.exportMemory !== false) exports.push([...text('memory'), 2, 0])
  const when = (present: boolean, id: number, contents: () => Bytes) => (present ? section(id, contents()) : [])
  return rawModule(
    when(shape.custom !== undefined, 0, () => [...text(shape.custom ?? ''), 1, 2, 3]),
    when(types.length > 0, 1, () => vector(types)),
    when(imports.length > 0, 2, () => vector(imports.map(importBytes))),
    when(functions.length > 0, 3, () => vector(functions.map((_, index) => leb(imports.length + index)))),
    when(shape.table !== undefined, 4, () => vector([tableBytes(shape.table ?? 0)])),
    when(memory !== null, 5, () => memory ?? []),
    when(globals.length > 0, 6, () => vector(globals.map(globalBytes))),
    when(exports.length > 0, 7, () => vector(exports)),
    when(shape.start !== undefined, 8, () => leb(shape.start ?? 0)),
    when(
      shape.elements !== undefined || shape.elementSection !== undefined,
      9,
      () => shape.elementSection ?? vector([[0, 0x41, 0, END, ...vector((shape.elements ?? []).map(leb))]]),
    ),
    when(shape.dataCount !== undefined, 12, () => leb(shape.dataCount ?? 0)),
    when(functions.length > 0, 10, () => vector(functions.map(bodyBytes))),
    when(shape.data !== undefined || shape.dataSection !== undefined, 11, () => {
      const { at, bytes } = shape.data ?? { at: 0, bytes: [] }
      return shape.dataSection ?? vector([activeData(at, bytes)])
    }),
    when(shape.names !== undefined, 0, () => nameSection(shape.names ?? {})),
  )
}

/** Contents of the custom section that names functions. */
export function nameSection(names: Readonly<Record<number, string>>): number[] {
  const entries = vector(Object.entries(names).map(([index, name]) => [...leb(Number(index)), ...text(name)]))
  return [...text('name'), ...section(1, entries)]
}

/** A data segment that instantiation places at address `at`. */
export const activeData = (at: number, bytes: Bytes): number[] => [
  0,
  0x41,
  ...sleb(at),
  END,
  ...leb(bytes.length),
  ...bytes,
]

function tableBytes(table: number | TableParts): number[] {
  const { type = FUNCREF, entries, maximum } = typeof table === 'number' ? { entries: table } : table
  return maximum === undefined ? [type, 0, ...leb(entries)] : [type, 1, ...leb(entries), ...leb(maximum)]
}

function globalBytes(global: number | GlobalParts): number[] {
  if (typeof global === 'number') return [I32, 1, 0x41, ...sleb(global), END]
  return [global.type, global.immutable ? 0 : 1, ...global.init, END]
}

function importBytes({ module = 'wasi_snapshot_preview1', field }: ImportParts, index: number): number[] {
  return [...text(module), ...text(field), 0, ...leb(index)]
}

function bodyBytes({ locals = [], code = [] }: FunctionParts): number[] {
  const body = [...vector(locals.map(type => [1, type])), ...code, END]
  return [...leb(body.length), ...body]
}

/** Instructions used by the tests. */
export const op = {
  unreachable: [0x00],
  drop: [0x1a],
  i32: (value: number) => [0x41, ...sleb(value)],
  i64: (value: number) => [0x42, ...sleb(value)],
  call: (index: number) => [0x10, ...leb(index)],
  callIndirect: (type: number) => [0x11, ...leb(type), 0],
  local: (index: number) => [0x20, ...leb(index)],
  setLocal: (index: number) => [0x21, ...leb(index)],
  global: (index: number) => [0x23, ...leb(index)],
  setGlobal: (index: number) => [0x24, ...leb(index)],
  load: (offset = 0) => [0x28, 2, ...leb(offset)],
  store: (offset = 0) => [0x36, 2, ...leb(offset)],
  add: [0x6a],
  divide: [0x6d],
  equalsZero: [0x45],
  memorySize: [0x3f, 0],
  memoryGrow: [0x40, 0],
  /** `loop … br 0`, which only a trap ends. */
  forever: (body: Bytes = []) => [0x03, 0x40, ...body, 0x0c, 0, END],
} as const

/** Import of a WASI function by its type as `protocol/metering` writes it. */
export function wasiImport(field: string, type: string): ImportParts {
  const [params = '', results = ''] = type.split(':')
  const letters = (of: string) => [...of].map(letter => (letter === 'I' ? I64 : I32))
  return { field, params: letters(params), results: letters(results) }
}

/** A WASI command whose `_start` is `code`. Indices: `_start` comes after the imports, then `more`. */
export function command(
  code: Bytes,
  shape: Omit<ModuleShape, 'functions'> & { locals?: Bytes; more?: readonly FunctionParts[] } = {},
): Uint8Array {
  const { locals = [], more = [], ...rest } = shape
  return wasmModule({ ...rest, functions: [{ exportAs: '_start', locals, code }, ...more] })
}

/** Where {@link reactor} puts its input. */
export const REACTOR_INPUT = 1_024

/**
 * A reactor whose `run(pointer, length)` is `code`, which leaves an i64. Indices: `alloc` comes after the imports, then `run`, then `more`.
 */
export function reactor(
  code: Bytes,
  shape: Omit<ModuleShape, 'functions'> & { locals?: Bytes; more?: readonly FunctionParts[] } = {},
): Uint8Array {
  const { locals = [], more = [], ...rest } = shape
  return wasmModule({
    ...rest,
    functions: [
      { exportAs: 'alloc', params: [I32], results: [I32], code: op.i32(REACTOR_INPUT) },
      { exportAs: 'run', params: [I32, I32], results: [I64], locals, code },
      ...more,
    ],
  })
}

/** The i64 that says where a reactor's output is. */
export const range = (pointer: number, length: number): number[] => op.i64(pointer * 2 ** 32 + length)
