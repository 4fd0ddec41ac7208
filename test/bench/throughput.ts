/**
 * No-op units end to end: submitted over MQTT, leased to four device processes, run in their sandboxes, returned signed, checked,
 * stored, paid, collected and read back; beside BullMQ on Redis with four worker processes.
 */
import { type Bench, type BenchOptions, type Measured, target } from './harness.ts'
import { type Bullmq, startBullmq } from './peer/bullmq.ts'
import { type Redis, startRedis } from './peer/redis.ts'
import { checkBooks, type NoopJob, type Region, runNoop, startRegion } from './region.ts'
import { rounded, type Summary, summarize } from './statistics.ts'
import { measureFlame } from './throughput-flame.ts'
import type { Workplace } from './workplace.ts'

const OWNERS = ['ann', 'bob', 'cat', 'dan']
/** The same for both sides: a few seconds of work for the peer. */
const UNITS = 50_000
/** What a long job reaches once its leases have grown. */
const UNITS_LONG = 400_000
const ROUNDS = 5
const CONCURRENCIES = [10, 20, 50, 100, 200]
const TUNING_JOBS = 5_000

interface Mode extends NoopJob {
  readonly name: 'adaptive' | 'adaptiveLong' | 'oneUnitLeases' | 'quorum'
}

const MODES: readonly Mode[] = [
  { name: 'adaptive', units: UNITS, verify: 'trust' },
  { name: 'oneUnitLeases', units: UNITS, verify: 'trust', leaseUnitsMax: 1 },
  { name: 'quorum', units: UNITS, verify: { theta: 0.99 } },
  { name: 'adaptiveLong', units: UNITS_LONG, verify: 'trust' },
]

export const throughput: Bench = {
  name: 'throughput',
  summary: `${UNITS} no-op units on ${OWNERS.length} devices, beside BullMQ on Redis`,
  measure,
}

interface Round {
  readonly unitsPerSecond: number
  readonly leases: number
  readonly replicaLeases: number
}

async function measure(place: Workplace, _parts: readonly string[], { flame }: BenchOptions): Promise<Measured> {
  if (flame !== undefined) return measureFlame(place, flame)
  const region = await startRegion(place, { owners: OWNERS })
  const redis = await startRedis(place)
  place.say('warming up')
  const strangers = await runRound(region, { name: 'quorum', units: UNITS, verify: { theta: 0.99 } })
  for (const mode of MODES) await runNoop(region, { ...mode, units: 2_000 })
  await runNoop(region, { units: UNITS, verify: 'trust' })
  const tuned = redis === null ? null : await tune(place, redis)
  const rounds = new Map<Mode['name'], Round[]>(MODES.map(({ name }) => [name, []]))
  const peerRates: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    for (const mode of MODES) {
      const figures = await runRound(region, mode)
      rounds.get(mode.name)?.push(figures)
      place.say(`round ${round} of ${ROUNDS}, ${mode.name}: ${figures.unitsPerSecond.toLocaleString('en')} units/s`)
      // The peer's turn comes between ours, so that a slow minute of the machine hits both.
      if (tuned === null || mode.name !== 'adaptive') continue
      const rate = rounded((UNITS * 1_000) / (await tuned.bullmq.run(UNITS)))
      peerRates.push(rate)
      place.say(`round ${round} of ${ROUNDS}, BullMQ: ${rate.toLocaleString('en')} jobs/s`)
    }
  }
  const transfers = await checkBooks(region)
  const rate = (name: Mode['name']): Summary => summarize((rounds.get(name) ?? []).map(round => round.unitsPerSecond))
  const peer = tuned === null ? null : summarize(peerRates)
  // Round by round, so that a slow minute of the machine slows both sides of a ratio.
  const ratio = (name: Mode['name']): Summary | null => {
    const ratios = (rounds.get(name) ?? []).map((round, index) =>
      rounded(round.unitsPerSecond / (peerRates[index] ?? Number.NaN)),
    )
    return peer === null ? null : summarize(ratios)
  }
  const leases = (name: Mode['name']) => rounds.get(name)?.at(-1) ?? { leases: 0, replicaLeases: 0 }
  return {
    ours: {
      unitsPerSecond: Object.fromEntries(MODES.map(({ name }) => [name, rate(name)])),
      timesBullmq: Object.fromEntries(MODES.map(({ name }) => [name, ratio(name)])),
      units: UNITS,
      unitsLong: UNITS_LONG,
      leases: leases('adaptive').leases,
      leasesQuorum: leases('quorum').leases,
      replicaLeasesQuorum: leases('quorum').replicaLeases,
      quorumStrangers: strangers,
      devices: OWNERS.length,
      transfersReplayed: transfers,
    },
    peer:
      redis === null || tuned === null || peer === null
        ? null
        : {
            name: `BullMQ on Redis ${redis.version}`,
            jobsPerSecond: peer,
            jobs: UNITS,
            workers: OWNERS.length,
            concurrency: tuned.concurrency,
          },
    targets: [
      target('units per second over BullMQ, adaptive leases', ratio('adaptive')?.median ?? null, 'higher', 10),
      target('units per second over BullMQ, one unit a lease', ratio('oneUnitLeases')?.median ?? null, 'higher', 1),
    ],
    notes: [
      `Both sides do ${UNITS} jobs in a round. The compared runs take each device's word ("verify": "trust"), as BullMQ runs each job once;`,
      `"quorum" is the same job at theta 0.99 among ${OWNERS.length} owners: devices that have proved themselves in the warm-up are checked by`,
      'samples, so few leases have a replica ("replicaLeasesQuorum"); "quorumStrangers" was the first job of all, when nobody was known.',
      'Ours ends with the collected answer, checked, at the submitter, and every result on disk; BullMQ ends with the last completion',
      'event, Redis keeps nothing on disk, and its concurrency is the best of those tried.',
      ...(redis === null
        ? ['There is no redis-server on this machine, so nothing could be compared and no target is met.']
        : []),
    ],
  }
}

async function runRound(region: Region, mode: Mode): Promise<Round> {
  const { ms, job } = await runNoop(region, mode)
  return { unitsPerSecond: rounded((mode.units * 1_000) / ms), leases: job.leases, replicaLeases: job.replicaLeases }
}

interface Tuned {
  readonly bullmq: Bullmq
  readonly concurrency: number
  readonly ms: number
}

/** Tries several concurrencies and keeps the fastest. */
async function tune(place: Workplace, redis: Redis): Promise<Tuned> {
  let best: Tuned | null = null
  for (const concurrency of CONCURRENCIES) {
    const bullmq = await startBullmq(place, redis, { workers: OWNERS.length, concurrency })
    await bullmq.run(TUNING_JOBS)
    const ms = Math.min(await bullmq.run(TUNING_JOBS), await bullmq.run(TUNING_JOBS))
    place.say(
      `BullMQ with concurrency ${concurrency}: ${Math.round((TUNING_JOBS * 1_000) / ms).toLocaleString('en')} jobs/s`,
    )
    if (best !== null && ms >= best.ms) {
      await bullmq.close()
      continue
    }
    await best?.bullmq.close()
    best = { bullmq, concurrency, ms }
  }
  if (best === null) throw new Error('There is no concurrency to try.')
  place.atEnd(best.bullmq.close)
  return best
}
