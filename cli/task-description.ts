import { createHash } from 'node:crypto'
import type { Abi } from '../protocol/index.ts'
import { METERING_VERSION, meterModule, PAGE_BYTES } from '../protocol/metering/index.ts'
import type { TaskModule } from './task-module.ts'

/** What `hedgerow task check` says about a module. */
export interface TaskDescription {
  readonly path: string
  readonly sha256: string
  readonly abi: Abi
  readonly bytes: number
  readonly meteredBytes: number
  readonly functions: number
  readonly memoryBytes: number
  /** Null when the module sets no maximum. */
  readonly memoryBytesMax: number | null
  /** As `module.field`. */
  readonly imports: readonly string[]
  /** Whether one instance can serve many units. */
  readonly resettable: boolean
  readonly metering: number
}

/** Describes a module that was accepted. */
export function describeTask({ path, bytes, info }: TaskModule): TaskDescription {
  const { initialPages, maximumPages } = info.memory
  const metered = meterModule(bytes, { memoryPagesMax: Math.max(1, maximumPages ?? initialPages) })
  return {
    path,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    abi: info.abi,
    bytes: bytes.length,
    meteredBytes: metered.bytes.length,
    functions: info.functions,
    memoryBytes: initialPages * PAGE_BYTES,
    memoryBytesMax: maximumPages === null ? null : maximumPages * PAGE_BYTES,
    imports: info.imports.map(({ module, field }) => `${module}.${field}`),
    resettable: metered.resettable,
    metering: METERING_VERSION,
  }
}
