/** How fast modules are rewritten: what a device pays once for each task, before the engine compiles it. */
import { meterModule } from '../../../protocol/metering/index.ts'
import { KERNEL_PAGES_MAX } from '../../support/kernels.ts'
import { type Summary, summarize } from '../statistics.ts'

const WARM_UP_ROUNDS = 5
const ROUNDS = 15

/** Megabytes of original module per second over all modules, each once per round. */
export function rewritingSpeed(modules: readonly Uint8Array[]): Summary {
  const bytes = modules.reduce((sum, module) => sum + module.length, 0)
  const rates: number[] = []
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const startMs = performance.now()
    for (const module of modules) meterModule(module, { memoryPagesMax: KERNEL_PAGES_MAX })
    const seconds = (performance.now() - startMs) / 1_000
    if (round >= 0) rates.push(bytes / 1e6 / seconds)
  }
  return summarize(rates)
}
