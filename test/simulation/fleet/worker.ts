/** Runs the seeds that it is sent, one after another, and answers each with its report. */
import { runSeed } from '../../../simulation/index.ts'

// Nobody is left to hear of it.
process.on('disconnect', () => process.exit())

process.on('message', async (seed: string) => {
  const startedMs = performance.now()
  const report = await runSeed(seed)
  process.send?.({ report, elapsedMs: performance.now() - startedMs })
})
