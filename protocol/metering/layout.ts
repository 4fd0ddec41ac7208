import type { MeterGlobals, MeterShape } from './emitter.ts'
import type { ModuleParts } from './module-parts.ts'
import { MODULE_LIMITS, START_EXPORT } from './profile.ts'
import type { CodeScan } from './scan-code.ts'

/** Setting more globals than this for each unit would take longer than a fresh instance. */
const RESET_GLOBALS_MAX = 64

/** Exports that a host calls, besides the start function. */
const HOST_CALLS: readonly string[] = ['_start', '_initialize', 'alloc', 'run']

/** A function that the host calls, under the name it does so. */
export interface HostCall {
  readonly name: string
  /** Of the function that is called. */
  readonly index: number
}

/** Where everything that metering adds to a module has its place. Nothing of the module's own moves. */
export interface Layout {
  readonly globals: MeterGlobals
  /** Fuel of each function with a body that is left as it is, because it always costs the same; null for those that count. */
  readonly plainFuel: readonly (number | null)[]
  /** Imported functions that something refers to, and the index of the function that stands for each. */
  readonly thunks: ReadonlyMap<number, number>
  readonly hostCalls: readonly HostCall[]
  /** Index of the first function that the host calls; the others follow. */
  readonly firstHostCall: number
  /** Result types of two values and more that need a block type of their own, and its index. */
  readonly resultTypes: ReadonlyMap<string, number>
  readonly tableMax: number
  /** Mutable globals that a host sets back, or null when that would not suffice. */
  readonly resettable: readonly number[] | null
}

/** Index of the type that hands fuel and slots on besides what an original type does. */
export const threadedType = (types: number, type: number): number => types + type

/** Decides on the places. */
export function layOut(parts: ModuleParts, code: CodeScan, shape: MeterShape): Layout {
  const { bodies, referenced, context } = code
  const plainFuel = bodies.map(({ straight, long, segments }, place) =>
    straight && !long && segments.length === 1 && !referenced.has(context.imports + place) ? (segments[0] ?? 0) : null,
  )
  const functions = parts.functionTypes.length
  const thunks = new Map(
    [...referenced]
      .filter(index => index < context.imports)
      .sort((a, b) => a - b)
      .map((index, place) => [index, functions + place]),
  )
  const table = parts.tables[0]
  const changesMore = bodies.some(({ changesTables }) => changesTables)
  const { mutableGlobals } = parts
  const isResettable = mutableGlobals !== null && mutableGlobals.length <= RESET_GLOBALS_MAX && !changesMore
  return {
    globals: {
      fuel: parts.globals,
      fault: parts.globals + 1,
      profile: shape === 'profile' ? parts.globals + 2 : 0,
    },
    plainFuel,
    thunks,
    hostCalls: hostCalls(parts),
    firstHostCall: functions + thunks.size,
    resultTypes: resultTypes(parts, code),
    tableMax: Math.min(table?.maximum ?? MODULE_LIMITS.tableEntriesMax, MODULE_LIMITS.tableEntriesMax),
    resettable: isResettable ? mutableGlobals : null,
  }
}

function hostCalls(parts: ModuleParts): HostCall[] {
  const calls: HostCall[] = parts.exports
    .filter(({ name, kind }) => kind === 'function' && HOST_CALLS.includes(name))
    .map(({ name, index }) => ({ name, index }))
  if (parts.startFunction !== null) calls.push({ name: START_EXPORT, index: parts.startFunction })
  return calls
}

function resultTypes(parts: ModuleParts, { bodies, context }: CodeScan): ReadonlyMap<string, number> {
  const types = new Map<string, number>()
  for (const [place, { leavesByBranch }] of bodies.entries()) {
    const results = resultsOf(parts, context.imports + place)
    if (!leavesByBranch || results.length < 2 || types.has(results)) continue
    types.set(results, 2 * parts.types.length + types.size)
  }
  return types
}

/** Letters of what a function returns. */
export function resultsOf(parts: ModuleParts, index: number): string {
  const type = parts.types[parts.functionTypes[index] ?? -1] ?? ':'
  return type.slice(type.indexOf(':') + 1)
}
