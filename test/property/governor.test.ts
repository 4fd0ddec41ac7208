/** Whatever is measured and whenever: work pauses only after a rule has held, and goes on only after its hysteresis, and then it does. */
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { type ConditionPolicy, Governor, GovernorPolicy, type Readings } from '../../device/index.ts'

const BOARD: Readings = { socTemperatureMilliC: null, underVoltage: null, throttled: null }

interface Look {
  readonly atMs: number
  /** What the rule's own measure says, computed here and not by the rule. */
  readonly state: 'bad' | 'between' | 'good'
  readonly paused: boolean
}

/** How long the newest look and those right before it have all been in one state. */
function heldMs(looks: readonly Look[], state: Look['state']): number {
  const last = looks.at(-1)
  if (last?.state !== state) return -1
  const before = looks.findLastIndex(look => look.state !== state)
  return last.atMs - (looks[before + 1]?.atMs ?? last.atMs)
}

/**
 * Judges each look and compares with the looks so far.
 * @param holdMs - of bad, before a pause; the first look needs none
 * @param clearMs - of good, before its end
 */
function follows(looks: readonly Look[], holdMs: number, clearMs: number): boolean {
  return looks.every((look, i) => {
    const soFar = looks.slice(0, i + 1)
    const before = looks[i - 1]
    const wasPaused = before?.paused ?? false
    // The time in one state counts only since the last change: a pause begins with nothing good behind it.
    const changed = looks.slice(0, i).findLastIndex((one, j) => one.paused !== (looks[j - 1]?.paused ?? false))
    const since = soFar.slice(changed + 1)
    if (before === undefined) return look.paused === (look.state === 'bad')
    if (!wasPaused) return look.paused === heldMs(since, 'bad') >= holdMs
    const held = heldMs(since, 'good')
    return look.paused !== (held >= 0 && held >= clearMs)
  })
}

const steps = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.record({ afterMs: fc.integer({ min: 1, max: 40_000 }), value }), { minLength: 1, maxLength: 120 })

/** Times of looks, one after another. */
function timed<T>(given: readonly { readonly afterMs: number; readonly value: T }[]) {
  let atMs = 0
  return given.map(({ afterMs, value }) => {
    atMs += afterMs
    return { atMs, value }
  })
}

const judge = (governor: Governor, readings: Partial<Readings>, monotonicMs: number): boolean =>
  !governor.judge({ ...BOARD, ...readings }, { monotonicMs, local: null })

describe('a governor', () => {
  it('pauses for heat at once, and until it has been cool for long', () => {
    const temperature = fc.oneof(
      { weight: 4, arbitrary: fc.constant(60_000) },
      fc.integer({ min: 60_000, max: 90_000 }),
    )
    fc.assert(
      fc.property(steps(temperature), fc.integer({ min: 0, max: 400_000 }), (given, recoveryMs) => {
        const governor = new Governor(GovernorPolicy({ recoveryMs }))
        const looks = timed(given).map(({ atMs, value }): Look => {
          const state = value >= 80_000 ? 'bad' : value < 72_000 ? 'good' : 'between'
          return { atMs, state, paused: judge(governor, { socTemperatureMilliC: value }, atMs) }
        })
        return follows(looks, 0, recoveryMs)
      }),
    )
  })

  it('pauses for load only after a window of it, and until it has been quiet', () => {
    fc.assert(
      fc.property(steps(fc.double({ min: 0, max: 2, noNaN: true })), given => {
        const windowMs = 20_000
        const governor = new Governor(GovernorPolicy({ loadMax: 0.5, loadWindowMs: windowMs }))
        const samples: { readonly atMs: number; readonly othersMs: number }[] = []
        const looks = timed(given).map(({ atMs, value }): Look => {
          const before = samples.at(-1) ?? { atMs, othersMs: 0 }
          const sample = { atMs, othersMs: before.othersMs + (atMs - before.atMs) * value }
          samples.push(sample)
          const start = samples.findLast(one => atMs - one.atMs >= windowMs)
          const share = start && (sample.othersMs - start.othersMs) / (2 * (atMs - start.atMs))
          const state = share === undefined ? 'between' : share > 0.5 ? 'bad' : 'good'
          return { atMs, state, paused: judge(governor, { load: { processors: 2, othersMs: sample.othersMs } }, atMs) }
        })
        return follows(looks, 0, 0)
      }),
    )
  })

  it('pauses for a condition only after its time, and goes on only after it', () => {
    const value = fc.oneof(fc.constant(300), fc.constant(100), fc.constant(220), fc.constant(null))
    fc.assert(
      fc.property(steps(value), fc.integer({ min: 0, max: 90_000 }), (given, forMs) => {
        const condition: ConditionPolicy = {
          name: 'solar',
          source: { file: '/run/solar' },
          demand: { atLeast: 200, resumeAt: 250 },
          forMs,
        }
        const governor = new Governor(GovernorPolicy({ conditions: [condition] }))
        const looks = timed(given).map(({ atMs, value: watts }): Look => {
          const state = watts === null || watts < 200 ? 'bad' : watts >= 250 ? 'good' : 'between'
          const reading = { text: watts === null ? null : String(watts), ageMs: 0, fault: 'none came' }
          return { atMs, state, paused: judge(governor, { conditions: new Map([['solar', reading]]) }, atMs) }
        })
        return follows(looks, forMs, forMs)
      }),
    )
  })

  it('pauses when one of its rules does, and says which', () => {
    const readings = fc.record({
      socTemperatureMilliC: fc.integer({ min: 60_000, max: 90_000 }),
      underVoltage: fc.boolean(),
      throttled: fc.boolean(),
      exclusive: fc.constantFrom('', 'kodi'),
      network: fc.constantFrom('eth0', 'wwan0'),
    })
    const policy = GovernorPolicy({ exclusive: ['kodi'], meteredInterfaces: ['wwan0'], hours: ['mon 00:00-12:00'] })
    fc.assert(
      fc.property(steps(readings), fc.integer({ min: 0, max: 1_439 }), (given, minute) => {
        const governor = new Governor(policy)
        return timed(given).every(({ atMs, value }) => {
          const works = governor.judge(value, { monotonicMs: atMs, local: { weekday: 1, minute } })
          const paused = governor.verdicts.filter(verdict => verdict.paused).map(({ rule }) => rule)
          const isTold = works === (paused.length === 0) && governor.cause === paused.join(', ')
          return isTold && (governor.reason === '') === works && minute >= 720 === paused.includes('hours')
        })
      }),
    )
  })
})
