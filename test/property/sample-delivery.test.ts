/**
 * Whatever happens to a device, each value that a sensor gave reaches the region exactly once, by itself or counted in a statistic,
 * or lies within a gap that the region is told of.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GAP_CAUSES, type GapCause, type Profile, seededRandom } from '../../protocol/index.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { settle } from '../support/virtual-clock.ts'
import { CountingSensor, SamplingWorld, streamOf } from '../unit/device/sampling/sampling-world.ts'

const folder = tempDirs()

type Step =
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'offline' | 'online' | 'cut' | 'crash' | 'powerCut' | 'restart' | 'reboot' }
  | { readonly kind: 'loseAcks'; readonly part: number }
  | { readonly kind: 'silence'; readonly silent: boolean }
  | { readonly kind: 'standing'; readonly joined: boolean }
  | { readonly kind: 'plan'; readonly readingsPerFrame: number; readonly phaseMs: number }

const PERIOD_MS = 10_000
/** Of the stream of each sensor; of the second, statistics. */
const PERIODS_MS = [PERIOD_MS, 6 * PERIOD_MS]
const FLUSH_MS = 60_000
const NOISE = 1_000
const OTHER_CAUSES = GAP_CAUSES.filter(cause => cause !== 'thinned')
const QUOTA_SLACK_BYTES = 8_192

/** @param secondsMax - of one wait */
const steps = (secondsMax: number) =>
  fc.array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ kind: fc.constant('wait'), seconds: fc.integer({ min: 1, max: secondsMax }) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('offline', 'online', 'online', 'cut') }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('crash', 'powerCut', 'restart', 'reboot') }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('loseAcks'), part: fc.constantFrom(0, 0.5, 1) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('silence'), silent: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('standing'), joined: fc.boolean() }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('plan'),
          readingsPerFrame: fc.constantFrom(1, 3, 6, 40),
          phaseMs: fc.constantFrom(0, 4_000),
        }),
      },
    ) as fc.Arbitrary<Step>,
    { minLength: 3, maxLength: 20 },
  )

/** Whether a value lies between the least and the greatest of a statistic. */
function isCounted(row: readonly number[], value: number): boolean {
  return (row[1] ?? Number.NaN) <= value && value <= (row[2] ?? Number.NaN)
}

class Trial {
  readonly world: SamplingWorld
  readonly #chance
  /** How often what was in memory was lost. */
  losses = 0
  /** Values that came only as a part of statistics that nobody asked for. */
  thinned = 0
  #revision = 0
  #isUp = false

  constructor(seed: number, samplesQuotaBytes: number) {
    const noise = seededRandom(`noise ${seed}`)
    const sensors = [new CountingSensor('single'), new CountingSensor('statistics')]
    // Noise takes room; the number is still in it.
    for (const sensor of sensors) sensor.valueAt = index => index * NOISE + Math.floor(noise.uniform() * NOISE)
    this.world = new SamplingWorld({ folder, sensors, store: { samplesQuotaBytes } })
    this.#chance = seededRandom(seed)
    // Wrong by years, and by other years after each look.
    Object.defineProperty(this.world, 'wallMs', { get: () => this.#chance.uniform() * 4e12 })
  }

  async run(script: readonly Step[]): Promise<void> {
    await this.#start()
    await this.#plan(6, 0)
    for (const step of script) {
      await this.#take(step)
      this.#checkQuota()
    }
    await this.#heal()
  }

  async #start(): Promise<void> {
    this.#isUp = true
    await this.world.start()
  }

  async #plan(readingsPerFrame: number, phaseMs: number): Promise<void> {
    if (this.world.device?.state !== 'joined') return
    const stream = { readingsPerFrame, phaseMs, periodMs: PERIOD_MS }
    const statistics = { ...stream, kind: 'statistics', periodMs: 6 * PERIOD_MS, sampleMs: PERIOD_MS } as const
    this.world.plan(
      ++this.#revision,
      streamOf(this.world.sensorId(0), stream),
      streamOf(this.world.sensorId(1), statistics),
    )
    await settle()
  }

  async #take(step: Step): Promise<void> {
    const { world } = this
    switch (step.kind) {
      case 'wait':
        await world.advance(step.seconds * 1_000)
        break
      case 'offline':
        world.link.answers = ['unreachable']
        world.link.last.cut()
        break
      case 'online':
        world.link.answers = ['ok']
        break
      case 'cut':
        world.link.last.cut()
        break
      case 'crash':
      case 'powerCut':
        world.crash()
        this.losses += 1
        if (step.kind === 'powerCut') world.reboot()
        await world.advance(7_000)
        await this.#start()
        break
      case 'restart':
      case 'reboot':
        await world.stop()
        // Samples of a period that is not over are not kept.
        this.losses += 1
        if (step.kind === 'reboot') world.reboot()
        await world.advance(3_000)
        await this.#start()
        break
      case 'loseAcks':
        world.region.acks = () => this.#chance.uniform() >= step.part
        break
      case 'silence':
        world.region.scripted.answers = !step.silent
        break
      case 'standing':
        world.region.scripted.standing = step.joined ? 'joined' : 'caught'
        break
      case 'plan':
        await this.#plan(step.readingsPerFrame, step.phaseMs)
        break
    }
  }

  /** Lets everything work again, ends the plan, and waits until there is nothing left to say. */
  async #heal(): Promise<void> {
    const { world } = this
    if (!this.#isUp) await this.#start()
    Object.assign(world.region.scripted, { answers: true, standing: 'joined' })
    world.region.acks = () => true
    world.link.answers = ['ok']
    world.link.last.cut()
    await world.advance(600_000)
    expect(world.device?.state).toBe('joined')
    world.plan(++this.#revision)
    await world.advance(600_000)
    expect(world.store?.outbox.frames).toBe(0)
    expect(world.store?.samples.bytes).toBe(0)
  }

  #checkQuota(): void {
    const { store } = this.world
    const kept = (store?.samples.bytes ?? 0) + (store?.outbox.readingBytes ?? 0)
    expect(kept).toBeLessThanOrEqual((store?.samplesQuotaBytes ?? 0) + QUOTA_SLACK_BYTES)
  }

  /** How many values of a sensor reached nobody, after checking that each was told of. */
  missing(index: number): number {
    const { region } = this.world
    const sensor = this.world.sensorId(index)
    const isOf = (profile: Profile) => profile.channels[0]?.sensor === sensor
    const single = new Map<number, number>()
    for (const { value, atMs, uncertaintyMs, profile } of region.values()) {
      if (!isOf(profile)) continue
      single.set(value, (single.get(value) ?? 0) + 1)
      const given = this.world.sensors[index]?.given[Math.floor(value / NOISE)]
      expect(Math.abs(atMs - (given?.atMs ?? Number.NaN))).toBeLessThanOrEqual(uncertaintyMs + 1)
    }
    const statistics = region.values('statistics').filter(({ profile }) => isOf(profile))
    const gaps = [...region.frames.values()].filter(frame => isOf(region.profileOf(frame))).flatMap(frame => frame.gaps)
    const isTold = (atMs: number, causes: readonly GapCause[]) =>
      gaps.some(gap => causes.includes(gap.cause) && gap.fromMs - 2 <= atMs && atMs < gap.toMs + 2)
    let missing = 0
    for (const { value, atMs } of this.world.sensors[index]?.given ?? []) {
      const counting = statistics.filter(({ row }) => isCounted(row, value))
      const times = (single.get(value) ?? 0) + counting.length
      if (times > 1) throw new Error(`value ${value} of sensor ${index} came ${times} times`)
      const isThinned = counting.some(({ profile }) => profile.periodMs !== PERIODS_MS[index])
      const causes = isThinned ? (['thinned'] as const) : GAP_CAUSES
      if (isThinned) this.thinned += 1
      if (times === 1 && !isThinned) continue
      if (times === 0) missing += 1
      if (!isTold(atMs, causes)) throw new Error(`value ${value} of sensor ${index}, given at ${atMs}, is in no gap`)
    }
    for (const { row } of statistics) {
      const within = this.world.sensors[index]?.given.filter(({ value }) => isCounted(row, value)) ?? []
      // What was lost between values that were thinned together is told of in its own right.
      const lost = within.filter(({ atMs }) => isTold(atMs, OTHER_CAUSES)).length
      expect(within.length).toBeGreaterThanOrEqual(row[3] ?? 0)
      expect(within.length - lost).toBeLessThanOrEqual(row[3] ?? 0)
    }
    return missing
  }
}

describe('readings', () => {
  it('come exactly once or are told of as missing, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0 }), steps(400), async (seed, script) => {
        const trial = new Trial(seed, 1_048_576)
        await trial.run(script)
        // A power cut costs what was not flushed yet; nothing else costs anything.
        expect(trial.missing(0)).toBeLessThanOrEqual(trial.losses * (FLUSH_MS / PERIOD_MS + 1))
        expect(trial.missing(1)).toBeLessThanOrEqual(trial.losses * ((2 * FLUSH_MS) / PERIOD_MS + 2))
      }),
      { numRuns: 25 },
    )
  })

  it('are thinned, and told of, when there is no room for them', async () => {
    let thinned = 0
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0 }), steps(2_000), async (seed, script) => {
        const trial = new Trial(seed, 16_384)
        const cutOff = script.filter(({ kind }) => kind !== 'online')
        await trial.run([{ kind: 'offline' }, { kind: 'wait', seconds: 20_000 }, ...cutOff])
        trial.missing(0)
        trial.missing(1)
        thinned += trial.thinned
      }),
      { numRuns: 8 },
    )
    expect(thinned).toBeGreaterThan(1_000)
  })
})
