import type { ServerQuestion, ServerReply } from './messages.ts'

/**
 * What this process takes of the machine.
 * @throws {Error} unless it was started with `--expose-gc`
 */
export async function ownUsage(question: ServerQuestion): Promise<ServerReply> {
  if (question === 'memory') await collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return { heapBytes: heapUsed + external, residentBytes: rss, cpuMs: (user + system) / 1_000 }
}

/** Some objects are let go of only by the finalizers of others. */
async function collect(): Promise<void> {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('Start this process with --expose-gc.')
  for (let i = 0; i < 3; i++) {
    gc()
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
