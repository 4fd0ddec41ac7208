import { describe, expect, test } from 'vitest'
import { SubmissionRefused } from '../../../../coordinator/intake/submission.ts'
import { SubmitterLimits } from '../../../../coordinator/intake/submitter-limits.ts'
import { LIMITS, submitterName } from '../../../../protocol/index.ts'

const ADA = submitterName('ada')
const BOB = submitterName('bob')

function setUp() {
  const time = { nowMs: 0 }
  return { time, limits: new SubmitterLimits(() => time.nowMs) }
}

/** The failure that a call throws. */
function refusal(call: () => void): SubmissionRefused {
  try {
    call()
  } catch (thrown) {
    if (thrown instanceof SubmissionRefused) return thrown
    throw thrown
  }
  throw new Error('It was not refused.')
}

/** How many of so many calls did not throw. */
function passing(times: number, call: () => void): number {
  let passed = 0
  for (let i = 0; i < times; i++) {
    try {
      call()
      passed++
    } catch {}
  }
  return passed
}

describe('a submitter', () => {
  test('may hand in a burst and then so many a second, whatever others do', () => {
    const { time, limits } = setUp()
    expect(passing(1_000, () => limits.submission(ADA))).toBe(LIMITS.submissionsBurstMax)
    expect(refusal(() => limits.submission(ADA))).toMatchObject({
      code: 'busy',
      message: 'ada has handed in more jobs and campaigns than 400 at once and 100 a second: try again in 10 ms.',
    })
    limits.submission(BOB)
    time.nowMs += 1_000
    expect(passing(1_000, () => limits.submission(ADA))).toBe(LIMITS.submissionsPerSecondMax)
  })

  test('may ask for so much a second', () => {
    const { time, limits } = setUp()
    expect(passing(2_000, () => limits.request(ADA))).toBe(LIMITS.requestsBurstMax)
    expect(refusal(() => limits.request(ADA)).message).toBe(
      'ada has asked more often than 1000 at once and 200 a second: try again in 5 ms.',
    )
    expect(limits.mayRepeat(ADA)).toBe(false)
    expect(limits.mayRepeat(BOB)).toBe(true)
    time.nowMs += 5
    limits.request(ADA)
  })

  test('is told of so many refusals, and of the rest no more', () => {
    const { time, limits } = setUp()
    const told = () => Array.from({ length: 1_000 }, () => limits.mayRefuse(ADA)).filter(Boolean).length
    expect(told()).toBe(500)
    time.nowMs += 1_000
    expect(told()).toBe(50)
  })

  test('has so many submissions prepared at a time, the others in their turn, and not too many of them', async () => {
    const { limits } = setUp()
    const gates = Array.from({ length: 8 }, () => Promise.withResolvers<string>())
    const prepared = gates.map(({ promise }) => limits.preparing(ADA, () => promise))
    const begun: number[] = []
    const waiting = Array.from({ length: 400 }, (_, i) => limits.preparing(ADA, async () => void begun.push(i)))
    await expect(limits.preparing(ADA, async () => 0)).rejects.toThrow(
      '400 submissions of ada wait to be prepared: try again in a moment.',
    )
    expect(await limits.preparing(BOB, async () => 7)).toBe(7)
    expect(begun).toEqual([])
    // One that fails makes room as well.
    gates[0]?.reject(new Error('no such blob'))
    await expect(prepared[0]).rejects.toThrow('no such blob')
    await Promise.all(waiting)
    expect(begun).toEqual(Array.from({ length: 400 }, (_, i) => i))
    for (const { resolve } of gates) resolve('done')
    expect(await Promise.all(prepared.slice(1))).toEqual(Array(7).fill('done'))
    expect(await limits.preparing(ADA, async () => 8)).toBe(8)
  })
})

describe('work that was cancelled', () => {
  test('is free for a while, as a part of all that the region does', () => {
    const { time, limits } = setUp()
    // A hundred devices that each lose a minute, twice: all that is free.
    for (let i = 0; i < 2; i++) limits.cancelled(ADA, 100 * 60_000, 100)
    limits.submission(ADA)
    limits.cancelled(ADA, 100 * 1_000, 100)
    expect(refusal(() => limits.submission(ADA)).message).toBe(
      'ada has cancelled so many jobs that devices were at work on: try again in 10 s.',
    )
    limits.submission(BOB)
    time.nowMs += 10_000
    limits.submission(ADA)
  })

  test('of one job never counts for more than what is free', () => {
    const { time, limits } = setUp()
    limits.cancelled(ADA, 365 * 86_400_000, 1)
    limits.submission(ADA)
    limits.cancelled(ADA, 365 * 86_400_000, 0)
    time.nowMs += (LIMITS.cancelledWorkMsMax / LIMITS.cancelledWorkMsPerSecond) * 1_000 - 1
    expect(() => limits.submission(ADA)).toThrow('try again in 1 ms')
    time.nowMs += 1
    limits.submission(ADA)
  })
})
