import { LIMITS } from '../limits.ts'

/**
 * Static limits of a task module, checked before any engine sees its bytes. They bound what compiling can cost a device,
 * and are several times what C, Rust and AssemblyScript programs need.
 */
export const MODULE_LIMITS = {
  bytesMax: LIMITS.moduleBytesMax,
  /** Twelve kinds, and custom sections such as names and debug information. */
  sectionsMax: 256,
  typesMax: 10_000,
  /** Parameters or results of one function type. */
  typeValuesMax: 256,
  /** The whole of WASI preview 1 is 46 functions; a toolchain may import one twice. */
  importsMax: 128,
  functionsMax: 65_536,
  /** The optimising compiler takes more than linear time in one body. A big interpreter loop has about 150 KiB. */
  bodyBytesMax: 524_288,
  /** Locals are zeroed at each call and spilled by the baseline compiler; generated C rarely has over 500. */
  localsMax: 4_096,
  exportsMax: 10_000,
  globalsMax: 10_000,
  tablesMax: 1,
  /** 8 bytes each in the engine. */
  tableEntriesMax: 1_000_000,
  segmentsMax: 65_536,
  nameBytesMax: 256,
} as const

/** Bytes of one WebAssembly page. */
export const PAGE_BYTES = 65_536

/** Name of the export that stands for the start function in a prepared module; the host calls it first. */
export const START_EXPORT = 'hedgerow.start'

/** What the exports of a prepared module's mutable globals are named by, before the index of the global. */
export const GLOBAL_EXPORT_PREFIX = 'hedgerow.global.'

/** Module and field under which a prepared module imports its memory. */
export const MEMORY_IMPORT = { module: 'hedgerow', field: 'memory' } as const
