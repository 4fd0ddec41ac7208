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
  /** Some 40 bytes each in the engine, on the heap of its JavaScript. Large C++ programs have about 20 000. */
  tableEntriesMax: 100_000,
  segmentsMax: 65_536,
  /** Of all element segments together. Toolchains list each function whose address is taken once; each costs a reader about 140 bytes. */
  elementEntriesMax: 262_144,
  /** Blocks within blocks. A compiled switch nests one block for each of its cases. */
  nestingMax: 4_096,
  /** Targets of one br_table, which the engine keeps as one jump each. */
  branchTargetsMax: 16_384,
  /**
   * Labels that the branches of one function name, times the slots of its frame. The optimising compiler keeps each value for each of them:
   * a jump table of 16 000 with 4 000 locals takes more than a sandbox may have, one of 4 000 some 120 MiB. Programs have up to 0.2 million.
   */
  branchValuesMax: 16_777_216,
  /**
   * Instructions of one function that open, end or leave blocks, times the slots of its frame. Where ways meet the compiler keeps each value again:
   * at the limit loops take it some 200 MiB. Programs have up to 0.3 million.
   */
  controlValuesMax: 8_388_608,
  /** Values of one function's operand stack at once; the engine keeps a place on the real stack for each. */
  operandsMax: 4_096,
  /** Instructions of the whole module that grow a memory or table. Metering writes 90 bytes for two; toolchains grow memory in one place. */
  growthsMax: 1_024,
  nameBytesMax: 256,
} as const

/** Bytes of one WebAssembly page. */
export const PAGE_BYTES = 65_536

/** What the names of a metered module's exports for its host begin with; a task's own may not. */
export const HOST_EXPORT_PREFIX = 'hedgerow.'

/** Name of the export that stands for the start function in a metered module; the host calls it first. */
export const START_EXPORT = 'hedgerow.start'

/** What the exports of a metered module's mutable globals are named by, before the index of the global. */
export const GLOBAL_EXPORT_PREFIX = 'hedgerow.global.'

/** Module and field under which a metered module imports its memory. */
export const MEMORY_IMPORT = { module: 'hedgerow', field: 'memory' } as const

/** Export of a metered module: the fuel that is left, a mutable i64. The host sets it before a unit; negative means out of fuel. */
export const FUEL_EXPORT = 'hedgerow.fuel'

/** Export of a metered module: why it stopped itself, a mutable i32 of {@link FAULT}. The host sets it to `none` before a unit. */
export const FAULT_EXPORT = 'hedgerow.fault'

/** Values of the fault global. */
export const FAULT = {
  none: 0,
  /** The call-stack limit was passed: a result, equal everywhere. */
  stack: 1,
  /** The engine could not grow a memory or table although its maximum allows it: trouble of this machine, no result. */
  host: 2,
} as const

/** What the exports of the `profile` shape's counters are named by, before the index of the function. */
export const PROFILE_EXPORT_PREFIX = 'hedgerow.profile.'

/**
 * Slots that the frames of all active functions may take together; see {@link FRAME_SLOTS}. At 8 bytes a slot it is 1 MiB, a sixth of the
 * stack a sandbox is started with, since an engine's frames are larger than what is counted.
 */
export const STACK_SLOTS_MAX = 131_072

/** Slots of a frame besides its parameters, locals and operands. */
export const FRAME_SLOTS = 16
