/** Jobs of one unit: how long from the submission to the answer, over TCP on this machine. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bench, type Measured, target } from './harness.ts'
import { startBullmq } from './peer/bullmq.ts'
import { startRedis } from './peer/redis.ts'
import { type Region, startRegion, submitNoop } from './region.ts'
import { quantile, rounded } from './statistics.ts'
import type { Workplace } from './workplace.ts'

const WARM_UP = 20
const ROUNDS = 4
const JOBS_PER_ROUND = 60
/** Between the answer to a job and the next one: time for the device to have a process ready, which each job has to itself. */
const PAUSE_MS = 200
const JOBS_BACK_TO_BACK = 100

export const latency: Bench = {
  name: 'latency',
  summary: 'one-unit jobs, p50 and p99 from submission to answer, beside BullMQ',
  measure,
}

async function measure(place: Workplace): Promise<Measured> {
  const region = await startRegion(place, { owners: ['ann'] })
  const redis = await startRedis(place)
  const bullmq = redis === null ? null : await startBullmq(place, redis, { workers: 1, concurrency: 1 })
  if (bullmq !== null) place.atEnd(bullmq.close)
  const ours: number[] = []
  const peer: number[] = []
  for (let i = 0; i < WARM_UP; i++) {
    await oneJob(region)
    await bullmq?.one()
  }
  for (let round = 1; round <= ROUNDS; round++) {
    place.say(`round ${round} of ${ROUNDS}`)
    for (let i = 0; i < JOBS_PER_ROUND; i++) {
      await sleep(PAUSE_MS)
      ours.push(await oneJob(region))
    }
    for (let i = 0; bullmq !== null && i < JOBS_PER_ROUND; i++) {
      await sleep(PAUSE_MS)
      peer.push(await bullmq.one())
    }
  }
  place.say('back to back')
  const hurried: number[] = []
  for (let i = 0; i < JOBS_BACK_TO_BACK; i++) hurried.push(await oneJob(region))
  const figures = distribution(ours)
  return {
    ours: { milliseconds: figures, jobs: ours.length, backToBackMilliseconds: distribution(hurried) },
    peer:
      redis === null
        ? null
        : { name: `BullMQ on Redis ${redis.version}`, milliseconds: distribution(peer), jobs: peer.length },
    targets: [
      target('p50 of a one-unit job in ms', figures.p50, 'lower', 10),
      target('p99 of a one-unit job in ms', figures.p99, 'lower', 40),
    ],
    notes: [
      `One device and one worker; the next job is submitted ${PAUSE_MS} ms after the answer to the last one. The module was uploaded before.`,
      'Back to back, every job waits for a sandbox process to start, since none is used for two jobs (ADR 8).',
      'Ours includes escrow, two commits to disk at least, a signed lease and result, payment and refund.',
      ...(redis === null ? ['There is no redis-server on this machine, so there is no peer.'] : []),
    ],
  }
}

async function oneJob(region: Region): Promise<number> {
  const startMs = performance.now()
  const handle = await submitNoop(region, { units: 1, verify: 'trust' })
  await handle.result()
  return performance.now() - startMs
}

function distribution(values: readonly number[]): { p50: number; p90: number; p99: number; max: number } {
  const at = (share: number) => rounded(quantile(values, share))
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}
