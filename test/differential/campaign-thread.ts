/** The thread of {@link runCampaign}. */

import { parentPort, workerData } from 'node:worker_threads'
import fc from 'fast-check'
import { engine } from '../../device/sandbox/engine.ts'
import { toHex } from '../../protocol/bytes.ts'
import { messageOf, TaskError } from '../../protocol/errors.ts'
import { seededRandom } from '../../protocol/random.ts'
import { adaptFuzzModule } from './adapt-fuzz-module.ts'
import { BinaryenFuzz } from './binaryen-fuzz.ts'
import type { CampaignReport, CampaignWork } from './campaign.ts'
import { Choices } from './choices.ts'
import { compareRuns } from './compare.ts'
import { generateModule } from './generator.ts'
import { Tally } from './tally.ts'
import { GENERATED, type UnitSetting } from './unit.ts'

const work = workerData as CampaignWork
const begun = new Int32Array(work.begun)
const tally = new Tally()

/** Bytes of choices for one generated module; it seldom uses more. */
const CHOICES_MAX = 2_400
/** Time for making a failing module smaller. */
const SHRINK_MS = 15_000
/** The counted stack is exhausted by then, in most of what recurs for ever. */
const RECURSIVE: UnitSetting = { ...GENERATED, fuelMax: 1_500_000 }

report(work.kind === 'binaryen' ? await binaryen() : generated())

function report(failure: string | null): void {
  const found: CampaignReport = { endings: tally.endings, executed: [...tally.executed], failure }
  parentPort?.postMessage(found)
}

/** By fast-check, which finds a smaller module that fails in place of one that does. */
function generated(): string | null {
  const recursive = work.kind === 'recursive'
  const module = fc
    .uint8Array({ maxLength: CHOICES_MAX, size: 'max' })
    .map(bytes => generateModule(new Choices(bytes), recursive ? 'recursive' : 'any'))
  let shrinkUntilMs = Number.POSITIVE_INFINITY
  let smallest: string | null = null
  const property = fc.property(module, fc.nat({ max: 99 }), (bytes, share) => {
    // Whoever waits for the first report ends this thread.
    if (performance.now() > shrinkUntilMs) report(smallest)
    const failure = failureOf(bytes, recursive ? RECURSIVE : GENERATED, share / 100)
    if (failure === null) return true
    shrinkUntilMs = Math.min(shrinkUntilMs, performance.now() + SHRINK_MS)
    smallest = failure
    return false
  })
  fc.check(property, { seed: work.seed, numRuns: work.count })
  return smallest
}

async function binaryen(): Promise<string | null> {
  const source = await BinaryenFuzz.load()
  try {
    for (let index = 0; index < work.count; index++) {
      const random = seededRandom(`${work.seed}/${index}`)
      const bytes = adaptFuzzModule(source.module(random.bytes(200 + Math.floor(random.uniform() * 2_000))))
      const failure = bytes && failureOf(bytes, GENERATED, random.uniform())
      if (failure) return failure
    }
    return null
  } finally {
    source.close()
  }
}

function failureOf(bytes: Uint8Array, setting: UnitSetting, share: number): string | null {
  Atomics.add(begun, 0, 1)
  try {
    // A generator that makes invalid modules tests nothing; this says why one is.
    new engine.Module(bytes)
    tally.count(compareRuns(bytes, setting, share))
    return null
  } catch (thrown) {
    // Binaryen writes this feature's instructions now and then, though it is not among those it was told of.
    if (thrown instanceof TaskError && thrown.message.includes('typed function references')) return null
    return `module ${begun[0]}: ${messageOf(thrown)}\n${toHex(bytes)}`
  }
}
