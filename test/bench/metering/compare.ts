/** One kernel as it was compiled against the same kernel metered: on the same engine, in turns, in one process. */
import { equalBytes } from '../../../protocol/bytes.ts'
import { type MeteredModule, type MeterShape, meterModule } from '../../../protocol/metering/index.ts'
import { KernelHost } from '../../support/kernel-host.ts'
import { KERNEL_PAGES_MAX, type Kernel } from '../../support/kernels.ts'
import { quantile } from '../statistics.ts'
import { withSmallFunctions } from './padded.ts'

/** The optimising compiler works in the background; by then it is done with a kernel, or something is wrong. */
const WARM_UP_MS_MAX = 6_000
const WARM_UP_MS_MIN = 300
const WARM_UP_RUNS_MIN = 12
/** Warm when this many runs after one another were no faster than the best before them, within the tolerance. */
const STEADY_RUNS = 8
const TOLERANCE = 0.98

const ROUNDS_MIN = 25
const ROUNDS_MAX = 101
const KERNEL_MS = 1_200

export interface Comparison {
  /** Medians over the rounds. */
  readonly unmeteredMs: number
  readonly meteredMs: number
  /** Median of each round's metered time over its unmetered time, and the quartiles around it. */
  readonly ratio: number
  readonly ratioLow: number
  readonly ratioHigh: number
  /** Fastest metered run over fastest unmetered run: what is left of the ratio when others use the machine too. */
  readonly ratioOfBest: number
  /** Fastest metered run over that of the unmetered module with small functions added. */
  readonly ratioToControl: number
  /** Of the first run of an instance, without what host functions charge for the bytes they move. */
  readonly fuel: number
  /** Fuel per nanosecond of the metered run. */
  readonly gigafuelPerSecond: number
  readonly sizeRatio: number
}

interface Side {
  readonly host: KernelHost
  readonly ms: number[]
}

/**
 * Measures one kernel metered in each of the shapes.
 * @returns by shape
 * @throws {Error} when a run gives another output than the kernel must
 */
export function compare(kernel: Kernel, shapes: readonly MeterShape[]): Comparison[] {
  const modules = shapes.map(shape => meterModule(kernel.bytes, { memoryPagesMax: KERNEL_PAGES_MAX, shape }))
  const sideOf = (module: Uint8Array | MeteredModule): Side => ({ host: new KernelHost(module, kernel), ms: [] })
  const plain = sideOf(kernel.bytes)
  const control = sideOf(withSmallFunctions(kernel.bytes))
  const metered = modules.map(sideOf)
  const sides = [plain, control, ...metered]
  const fuels = metered.map(({ host }) => {
    timed(host, kernel)
    return host.fuel
  })
  for (const { host } of sides) warmUp(host, kernel)
  measure(sides, kernel)
  return metered.map((side, at) => {
    const ratios = side.ms.map((ms, round) => ms / (plain.ms[round] ?? Number.NaN))
    const meteredMs = quantile(side.ms, 0.5)
    const fuel = fuels[at] ?? 0
    return {
      unmeteredMs: quantile(plain.ms, 0.5),
      meteredMs,
      ratio: quantile(ratios, 0.5),
      ratioLow: quantile(ratios, 0.25),
      ratioHigh: quantile(ratios, 0.75),
      ratioOfBest: Math.min(...side.ms) / Math.min(...plain.ms),
      ratioToControl: Math.min(...side.ms) / Math.min(...control.ms),
      fuel,
      gigafuelPerSecond: fuel / (meteredMs * 1e6),
      sizeRatio: (modules[at]?.bytes.length ?? 0) / kernel.bytes.length,
    }
  })
}

function measure(sides: readonly Side[], kernel: Kernel): void {
  const startMs = performance.now()
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (round >= ROUNDS_MIN && performance.now() - startMs > KERNEL_MS) return
    // Whoever runs second finds other things in the caches, so the order is left to chance.
    for (const side of shuffled(sides)) side.ms.push(timed(side.host, kernel))
  }
}

function warmUp(host: KernelHost, kernel: Kernel): void {
  const startMs = performance.now()
  let bestMs = Number.POSITIVE_INFINITY
  for (let run = 0, steady = 0; ; run++) {
    const ms = timed(host, kernel)
    steady = ms < bestMs * TOLERANCE ? 0 : steady + 1
    bestMs = Math.min(bestMs, ms)
    const tookMs = performance.now() - startMs
    if (run >= WARM_UP_RUNS_MIN && tookMs > WARM_UP_MS_MIN && steady >= STEADY_RUNS) return
    if (tookMs > WARM_UP_MS_MAX) return
  }
}

function timed(host: KernelHost, kernel: Kernel): number {
  const startMs = performance.now()
  const output = host.run(kernel.bench.input)
  const ms = performance.now() - startMs
  if (!equalBytes(output, kernel.bench.output))
    throw new Error(`The kernel ${kernel.name} in ${kernel.language} gives a wrong output.`)
  return ms
}

function shuffled<T>(values: readonly T[]): T[] {
  const left = [...values]
  const out: T[] = []
  while (left.length > 0) out.push(...left.splice(Math.floor(Math.random() * left.length), 1))
  return out
}
