import { assert } from '../../protocol/errors.ts'
import { PROFILE_EXPORT_PREFIX, START_EXPORT } from '../../protocol/metering/index.ts'
import { Counters } from './counters.ts'
import { engine, type WasmInstance, type WasmMemory } from './engine.ts'

/** Fuel that was charged inside one function, without the functions it called. */
export interface FunctionFuel {
  /** Index of the function, imported ones first. */
  readonly index: number
  readonly fuel: number
}

/** One instance of a metered module: what a host calls, and what it counts with. Both are looked up once. */
export class MeteredInstance {
  readonly instance: WasmInstance
  readonly memory: WasmMemory
  readonly counters: Counters
  /** What the module called its start function. */
  readonly start: (() => void) | undefined
  readonly initialize: (() => void) | undefined
  /** The entry of a command. */
  readonly main: (() => void) | undefined
  /** The two entries of a reactor. */
  readonly alloc: ((length: number) => number) | undefined
  readonly run: ((pointer: number, length: number) => bigint) | undefined

  /** @param memory - the one it imports */
  constructor(instance: WasmInstance, memory: WasmMemory) {
    this.instance = instance
    this.memory = memory
    this.counters = Counters.of(instance)
    this.start = exported(instance, START_EXPORT)
    this.initialize = exported(instance, '_initialize')
    this.main = exported(instance, '_start')
    this.alloc = exported(instance, 'alloc')
    this.run = exported(instance, 'run')
  }

  /** What each function has burned since instantiation; empty unless the module was metered in the shape `profile`. */
  profile(): FunctionFuel[] {
    const { exports } = this.instance
    const names = Object.keys(exports).filter(name => name.startsWith(PROFILE_EXPORT_PREFIX))
    return names.map(name => {
      const counter = exports[name]
      assert(counter instanceof engine.Global, 'a metered module exports its profile as globals')
      return { index: Number(name.slice(PROFILE_EXPORT_PREFIX.length)), fuel: Number(counter.value) }
    })
  }
}

/** The engine checked that the module's exports have the types that inspection asked for. */
function exported<T>(instance: WasmInstance, name: string): T | undefined {
  const value = instance.exports[name]
  return typeof value === 'function' ? (value as T) : undefined
}
