import { describe, expect, test } from 'vitest'
import { Throttle } from '../../../../coordinator/broker/throttle.ts'
import { LIMITS } from '../../../../protocol/index.ts'
import { systemClock } from '../../../../protocol/node/index.ts'

function setUp() {
  const time = { nowMs: 0 }
  return { time, throttle: new Throttle({ ...systemClock, monotonicMs: () => time.nowMs }) }
}

describe('a throttle', () => {
  test('lets a burst of packets through, and has the rest wait', () => {
    const { time, throttle } = setUp()
    throttle.count(LIMITS.packetsBurstMax, 0)
    expect(throttle.waitMs()).toBe(0)
    throttle.count(LIMITS.packetsPerSecondMax, 0)
    expect(throttle.waitMs()).toBe(1_000)
    time.nowMs += 999
    expect(throttle.waitMs()).toBe(1)
    time.nowMs += 1
    expect(throttle.waitMs()).toBe(0)
  })

  test('counts large packets for more', () => {
    const { throttle } = setUp()
    throttle.count(1, LIMITS.packetCountedBytes * (LIMITS.packetsBurstMax - 1))
    expect(throttle.waitMs()).toBe(0)
    throttle.count(0, LIMITS.packetCountedBytes * LIMITS.packetsPerSecondMax)
    expect(throttle.waitMs()).toBe(1_000)
  })
})
