/** From JavaScript to the bytecode that a task carries, by the engine itself: without a script, it is a compiler. */
import { fromUtf8 } from '../bytes.ts'
import { assert } from '../errors.ts'
import {
  FAULT,
  FAULT_EXPORT,
  FUEL_EXPORT,
  MEMORY_IMPORT,
  meterModule,
  WASI_FUNCTIONS,
  WASI_MODULE,
} from '../metering/index.ts'
import { wasm } from './wasm-engine.ts'

/** 64 MiB: fifty times the longest script. */
const MEMORY_PAGES_MAX = 1_024

/** Ordinary code takes up to 3 000 fuel a byte, and as much again for each pair of parentheses around it, which are looked through first. */
const FUEL_PER_BYTE = 20_000
const FUEL_AT_LEAST = 50_000_000
/** About a second: nobody may hold up a coordinator for longer with a text that is made to be slow. */
const FUEL_AT_MOST = 8_000_000_000

/** The answer of a function of WASI that compiling does not need. */
const NOT_IMPLEMENTED = 52

/** The bytecode as a script's segment holds it, or why there is none. */
export type Compiled =
  | { readonly kind: 'compiled'; readonly segment: Uint8Array }
  | { readonly kind: 'refused'; readonly reason: string; readonly line: number | null; readonly column: number | null }

/** A compiler of scripts; `source` is UTF-8. */
export type ScriptCompiler = (source: Uint8Array) => Compiled

/**
 * Makes the compiler that is inside an engine. It runs none of the script, metered and in memory of its own, so a hostile text costs
 * a bounded time and nothing else.
 */
export function scriptCompiler(engine: Uint8Array): ScriptCompiler {
  const { bytes, memory } = meterModule(engine, { memoryPagesMax: MEMORY_PAGES_MAX })
  const module = new wasm.Module(bytes)
  const pages = { initial: memory.initialPages, maximum: memory.maximumPages }
  const wasi = Object.fromEntries(WASI_FUNCTIONS.map(name => [name, () => NOT_IMPLEMENTED]))
  return source => {
    const ownMemory = new wasm.Memory(pages)
    const { exports } = new wasm.Instance(module, {
      [MEMORY_IMPORT.module]: { [MEMORY_IMPORT.field]: ownMemory },
      [WASI_MODULE]: wasi,
    })
    const fuel = globalOf(exports, FUEL_EXPORT)
    fuel.value = BigInt(Math.min(FUEL_AT_MOST, Math.max(FUEL_AT_LEAST, source.length * FUEL_PER_BYTE)))
    try {
      return answerOf(compile(exports, ownMemory, source))
    } catch (thrown) {
      return refused(whyStopped(thrown, Number(fuel.value), Number(globalOf(exports, FAULT_EXPORT).value)))
    }
  }
}

/** The reactor's two calls. */
function compile(exports: Exports, memory: { readonly buffer: ArrayBuffer }, source: Uint8Array): Uint8Array {
  const { alloc, run } = exports as { alloc: (length: number) => number; run: (at: number, length: number) => bigint }
  const at = alloc(source.length)
  new Uint8Array(memory.buffer).set(source, at)
  const range = BigInt.asUintN(64, run(at, source.length))
  const start = Number(range >> 32n)
  return new Uint8Array(memory.buffer).slice(start, start + Number(BigInt.asUintN(32, range)))
}

/** A length and the bytecode, or a length of 0 and the problem as JSON. */
function answerOf(bytes: Uint8Array): Compiled {
  if (new DataView(bytes.buffer).getUint32(0, true) > 0) return { kind: 'compiled', segment: bytes }
  const { reason, line, column } = JSON.parse(fromUtf8(bytes.subarray(4))) as Problem
  return refused(reason, line, column)
}

interface Problem {
  readonly reason: string
  readonly line?: number
  readonly column?: number
}

function refused(reason: string, line?: number, column?: number): Compiled {
  return { kind: 'refused', reason, line: line ?? null, column: column ?? null }
}

function whyStopped(thrown: unknown, fuel: number, fault: number): string {
  if (fuel < 0) return 'it takes too long to compile'
  // The engine's own limit comes first where the host's stack is small.
  if (fault === FAULT.stack || thrown instanceof RangeError) return 'it is nested too deeply'
  if (thrown instanceof wasm.RuntimeError) return 'it needs too much memory to compile'
  throw thrown
}

type Exports = Readonly<Record<string, unknown>>

function globalOf(exports: Exports, name: string): { value: number | bigint } {
  const found = exports[name]
  assert(
    typeof found === 'object' && found !== null && 'value' in found,
    'a metered module exports globals by these names',
  )
  return found as { value: number | bigint }
}
