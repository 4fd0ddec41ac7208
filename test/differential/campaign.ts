/** Many modules in a thread of their own: metered recursion needs a deep stack, and a module that does not end must not stop the tests. */
import { Worker } from 'node:worker_threads'

/** Which modules to run, and how many. */
export interface Campaign {
  /** `generated` by our own generator, `recursive` ones of it, or made by `binaryen`. */
  readonly kind: 'generated' | 'recursive' | 'binaryen'
  readonly seed: number
  /** Modules to run. */
  readonly count: number
}

/** What came of a campaign. */
export interface CampaignReport {
  /** How the units ended, and how many each way. */
  readonly endings: Readonly<Record<string, number>>
  /** Opcodes of the instructions that ran. */
  readonly executed: readonly number[]
  /** What went wrong, with the module in hexadecimal; null when nothing did. */
  readonly failure: string | null
}

/** A campaign as its thread is given it. */
export interface CampaignWork extends Campaign {
  /** One 32-bit number: how many modules have been begun. */
  readonly begun: SharedArrayBuffer
}

/** As a device's sandbox has, several times what the counted stack takes. */
const STACK_MB = 64

/**
 * Runs a campaign.
 * @param stallMs - time after which a module that is still the same one is taken to run for ever
 * @throws {Error} when it stalls, or the thread ends by itself
 */
export async function runCampaign(campaign: Campaign, stallMs = 30_000): Promise<CampaignReport> {
  const begun = new SharedArrayBuffer(4)
  const workerData: CampaignWork = { ...campaign, begun }
  const worker = new Worker(new URL('campaign-thread.ts', import.meta.url), {
    workerData,
    resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: 1_024 },
  })
  const { promise, resolve, reject } = Promise.withResolvers<CampaignReport>()
  worker.once('message', resolve).once('error', reject)
  worker.once('exit', code => reject(new Error(`the thread ended with ${code}`)))
  let last = 0
  const watch = setInterval(() => {
    const now = new Int32Array(begun)[0] ?? 0
    if (now === last && now > 0)
      reject(new Error(`module ${now} of ${campaign.kind}, seed ${campaign.seed}, does not end`))
    last = now
  }, stallMs)
  try {
    return await promise
  } finally {
    clearInterval(watch)
    await worker.terminate()
  }
}
