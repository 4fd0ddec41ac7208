import type { Abi } from '../protocol/index.ts'

/** What a device says of the machine it runs on. */
export interface Machine {
  /** Such as `hedgerow/0.1.0`. */
  readonly software: string
  readonly arch: string
  readonly cores: number
  readonly memoryMiB: number
  readonly abis: Abi[]
  /** Versions of the metering rules that it can run. */
  readonly metering: readonly number[]
}
