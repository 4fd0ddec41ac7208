import { expect, test } from 'vitest'
import { Allowance } from '../../../../coordinator/gate/allowance.ts'
import { LIMITS } from '../../../../protocol/index.ts'

test('readings, control messages and results are counted apart', () => {
  const time = { nowMs: 0 }
  const allowance = new Allowance(() => time.nowMs)
  const allowed = (name: 'reading' | 'hello' | 'join' | 'result', times: number) =>
    Array.from({ length: times }, () => allowance.allows(name)).filter(Boolean).length
  expect(allowed('reading', 10_000)).toBe(LIMITS.readingFramesBurstMax)
  expect(allowed('hello', 10_000)).toBe(LIMITS.controlFramesBurstMax)
  expect(allowed('join', 10)).toBe(0)
  expect(allowed('result', 10_000)).toBe(10_000)
  time.nowMs += 1_000
  expect(allowed('join', 10_000)).toBe(LIMITS.controlFramesPerSecondMax)
  expect(allowed('reading', 10_000)).toBe(LIMITS.readingFramesPerSecondMax)
})
