/** Rewrites a module so that it counts what it costs and cannot do what the profile forbids. */
import { assert } from '../errors.ts'
import type { MeterShape } from './emitter.ts'
import { describe, readModule } from './inspect.ts'
import { layOut } from './layout.ts'
import type { ModuleInfo } from './module-info.ts'
import { badModule } from './reader.ts'
import { scanCode } from './scan-code.ts'
import { writeModule } from './write-module.ts'

/** How a module is to be rewritten. */
export interface MeterOptions {
  /** Pages of 64 KiB the task may use, at least 1. */
  readonly memoryPagesMax: number
  /** Default `fast`. */
  readonly shape?: MeterShape
}

/** A module as a sandbox takes it. */
export interface MeteredModule {
  readonly bytes: Uint8Array
  /** Of the module as it was sent. */
  readonly info: ModuleInfo
  /** The limits of the memory it imports, in pages. */
  readonly memory: { readonly initialPages: number; readonly maximumPages: number }
  /** Whether all that running it can change are its memory and the globals it exports under {@link GLOBAL_EXPORT_PREFIX}. */
  readonly resettable: boolean
}

/**
 * The metered form of a module. It counts fuel and stack, its memory is the import `hedgerow.memory` bounded by
 * `memoryPagesMax`, its start function an export, and NaNs are canonical where their bits show. The same bytes and options give the same module.
 *
 * The module must be valid: rewriting one that an engine would refuse may make one that it accepts.
 * @throws {TaskError} `bad_module` as {@link inspectModule}, or when the memory starts larger than `memoryPagesMax`
 * @see spec/metering.md
 */
export function meterModule(bytes: Uint8Array, options: MeterOptions): MeteredModule {
  const { memoryPagesMax, shape = 'fast' } = options
  assert(Number.isInteger(memoryPagesMax) && memoryPagesMax > 0, 'memoryPagesMax is a positive integer')
  const { sections, parts } = readModule(bytes)
  const info = describe(parts, bytes.length)
  const { initialPages } = info.memory
  if (initialPages > memoryPagesMax) {
    const reason = `its memory starts at ${initialPages} pages, the job allows ${memoryPagesMax}`
    const advice = "Raise the job's memory or lower the module's initial memory."
    throw badModule('memory section', parts.memory?.offset ?? 0, reason, advice)
  }
  const maximumPages = Math.min(info.memory.maximumPages ?? memoryPagesMax, memoryPagesMax)
  const memory = { initialPages, maximumPages }
  const code = scanCode(bytes, parts)
  const layout = layOut(parts, code, shape)
  const metered = writeModule({ bytes, sections, parts, code, layout, memory, shape })
  return { bytes: metered, info, memory, resettable: layout.resettable !== null }
}
