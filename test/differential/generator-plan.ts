/** What a generated module consists of, drawn before its code. */
import { leb } from '../support/wasm-module.ts'
import type { Choices } from './choices.ts'
import type { FunctionType } from './decode-module.ts'
import { constantBytes } from './generator-constants.ts'
import type { TypeLetter } from './values.ts'

/** Bytes that are put together. */
export type Bytes = readonly number[]

/** Function types of a module, each once. */
export class TypeTable {
  readonly list: FunctionType[] = []

  index(type: FunctionType): number {
    const same = (other: FunctionType) => typeName(other) === typeName(type)
    const found = this.list.findIndex(same)
    return found >= 0 ? found : this.list.push(type) - 1
  }
}

/** The text of a type, such as `iI:f`. */
export const typeName = ({ params, results }: FunctionType): string => `${params.join('')}:${results.join('')}`

/** The type of a text such as `iI:f`. */
export function typeOf(name: string): FunctionType {
  const [params = '', results = ''] = name.split(':')
  return { params: [...params] as TypeLetter[], results: [...results] as TypeLetter[] }
}

/** An imported function. */
export interface ImportPlan {
  readonly module: string
  readonly field: string
  readonly type: FunctionType
}

/** A global of any type. */
export interface GlobalPlan {
  readonly type: TypeLetter
  readonly mutable: boolean
  /** Constant expression, without the final `end`. */
  readonly init: Bytes
}

/** The table, sizes in entries. */
export interface TablePlan {
  readonly type: 'r' | 'e'
  readonly initial: number
  readonly maximum: number | null
}

/** All of a module but its code. */
export interface ModulePlan {
  readonly types: TypeTable
  readonly imports: readonly ImportPlan[]
  /** Of the functions with bodies; those that the host calls come last. */
  readonly functions: readonly FunctionType[]
  /** How many of the functions are not called by the host. */
  readonly helpers: number
  readonly exports: readonly { readonly name: string; readonly index: number }[]
  readonly start: number | null
  readonly globals: readonly GlobalPlan[]
  readonly table: TablePlan | null
  readonly memory: { readonly initial: number; readonly maximum: number | null }
  readonly elementSegments: readonly ElementPlan[]
  readonly dataSegments: readonly DataPlan[]
  /** Nothing keeps its addresses, divisors and conversions within bounds: most of its runs end in a trap. */
  readonly reckless: boolean
  /** One of the helpers always calls itself. */
  readonly recursive: boolean
  /** Lengths and indices are written in five bytes, as linkers leave them. */
  readonly padded: boolean
}

/** Functions that code may refer to. */
export function referable({ elementSegments }: ModulePlan): number[] {
  return [...new Set(elementSegments.flatMap(({ items }) => items))].filter(item => item !== null)
}

/** An element segment. */
export interface ElementPlan {
  readonly kind: 'active' | 'passive' | 'declared'
  readonly offset: number
  readonly type: 'r' | 'e'
  /** Function indices; null for a null reference. */
  readonly items: readonly (number | null)[]
}

/** A data segment. */
export interface DataPlan {
  readonly passive: boolean
  readonly offset: number
  readonly bytes: Bytes
}

const NUMBERS: readonly TypeLetter[] = ['i', 'I', 'f', 'F']
const MOSTLY_NUMBERS: readonly TypeLetter[] = [...NUMBERS, ...NUMBERS, 'i', 'I', 'r', 'e']

const IMPORTS: readonly (readonly [module: string, field: string, type: string])[] = [
  ['wasi_snapshot_preview1', 'sched_yield', ':i'],
  ['wasi_snapshot_preview1', 'random_get', 'ii:i'],
  ['wasi_snapshot_preview1', 'fd_write', 'iiii:i'],
  ['wasi_snapshot_preview1', 'clock_time_get', 'iIi:i'],
  ['wasi_snapshot_preview1', 'fd_close', 'i:i'],
  ['wasi_snapshot_preview1', 'proc_exit', 'i:'],
  ['env', 'abort', 'iiii:'],
]

/** Draws a type of a value. */
export function drawType(choices: Choices): TypeLetter {
  return choices.pick(MOSTLY_NUMBERS)
}

/** Draws types of up to `countMax` values. */
export const drawTypes = (choices: Choices, countMax: number): TypeLetter[] =>
  Array.from({ length: choices.below(countMax + 1) }, () => drawType(choices))

/**
 * Draws a module's parts.
 * @param recursive - whether there is a function that always calls itself
 */
export function drawPlan(choices: Choices, recursive: boolean): ModulePlan {
  const reckless = !recursive && choices.chance(20)
  const padded = choices.chance(20)
  const imports = IMPORTS.filter(() => choices.chance(35)).map(([module, field, type]) => {
    return { module, field, type: typeOf(type) }
  })
  const { functions, helpers, exports, start } = drawFunctions(choices, imports, recursive ? 1 : 0)
  const functionCount = imports.length + functions.length
  const table = choices.chance(75) ? drawTable(choices) : null
  const initial = 1 + choices.below(2)
  const maximum = choices.chance(60) ? initial + choices.below(6) : null
  return {
    types: new TypeTable(),
    imports,
    functions,
    helpers,
    exports,
    start,
    globals: Array.from({ length: choices.below(7) }, () => drawGlobal(choices, functionCount)),
    table,
    memory: { initial, maximum },
    elementSegments: drawElements(choices, table, functionCount, reckless),
    dataSegments: Array.from({ length: choices.below(4) }, () => drawData(choices, reckless)),
    reckless,
    recursive,
    padded,
  }
}

function drawFunctions(choices: Choices, imports: readonly ImportPlan[], helpersMin: number) {
  const types: FunctionType[] = Array.from({ length: helpersMin + choices.below(6) }, () => {
    return { params: drawTypes(choices, 3), results: drawTypes(choices, choices.chance(20) ? 3 : 1) }
  })
  const helpers = types.length
  const exports: { name: string; index: number }[] = []
  const add = (name: string, type: string) =>
    exports.push({ name, index: imports.length + types.push(typeOf(type)) - 1 })
  if (choices.chance(50)) {
    const close = imports.findIndex(({ field }) => field === 'fd_close')
    // A host function has the type of `alloc`, and may be exported as any function.
    if (close >= 0 && choices.chance(10)) exports.push({ name: 'alloc', index: close })
    else add('alloc', 'i:i')
    add('run', 'ii:I')
    if (choices.chance(20)) add('_initialize', ':')
  } else {
    add('_start', ':')
  }
  const start = choices.chance(15) ? imports.length + types.push(typeOf(':')) - 1 : null
  return { functions: types, helpers, exports, start }
}

function drawGlobal(choices: Choices, functionCount: number): GlobalPlan {
  const type = drawType(choices)
  const init =
    type === 'r' && choices.chance(50) ? [0xd2, ...leb(choices.below(functionCount))] : constantBytes(choices, type)
  return { type, mutable: choices.chance(75), init }
}

function drawTable(choices: Choices): TablePlan {
  const initial = choices.below(9)
  const maximum = choices.chance(50) ? initial + choices.below(9) : null
  return { type: choices.chance(12) ? 'e' : 'r', initial, maximum }
}

/** The last one only declares functions, so that code may refer to them. Functions that nothing refers to are metered in another way. */
function drawElements(
  choices: Choices,
  table: TablePlan | null,
  functionCount: number,
  reckless: boolean,
): ElementPlan[] {
  const segments = Array.from({ length: table === null ? 0 : choices.below(4) }, (): ElementPlan => {
    const { type = 'r', initial = 0 } = table ?? {}
    const active = choices.chance(60)
    const count = choices.below((active && !reckless ? Math.min(initial, 5) : 5) + 1)
    const draw = () => (type === 'e' || choices.chance(15) ? null : choices.below(functionCount))
    const offset = active
      ? choices.below(Math.max(1, initial - count + 1)) + (reckless && choices.chance(5) ? 100 : 0)
      : 0
    return { kind: active ? 'active' : 'passive', offset, type, items: Array.from({ length: count }, draw) }
  })
  const referred = Array.from({ length: functionCount }, (_, index) => index).filter(() => choices.chance(40))
  return [...segments, { kind: 'declared', offset: 0, type: 'r', items: referred }]
}

function drawData(choices: Choices, reckless: boolean): DataPlan {
  const bytes = Array.from({ length: choices.below(24) }, () => choices.byte())
  const offset = reckless && choices.chance(5) ? 65_530 + choices.below(70_000) : choices.below(4_096)
  return { passive: choices.chance(45), offset, bytes }
}
