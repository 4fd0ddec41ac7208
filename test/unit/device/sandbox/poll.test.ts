import { describe, expect, test } from 'vitest'
import { hostWorld } from './host-world.ts'

const SUCCESS = 0
const FAULT = 21
const INVALID = 28
const NOT_SUPPORTED = 58
const ENTRY = 64
const TIME_MAX = 2n ** 64n - 1n
/** Where the tests put subscriptions, events, the number of events, and the time. */
const [SUBSCRIPTIONS, EVENTS, RESULT, TIME] = [1_024, 8_192, 16, 24] as const

interface Wait {
  readonly timeout: bigint
  readonly userdata?: bigint
  readonly clock?: number
  readonly kind?: number
  readonly absolute?: boolean
}

/** A unit that waits. */
function waiter() {
  const host = hostWorld()
  const put = (waits: readonly Wait[], place: number) => {
    for (const [index, { timeout, userdata = 0n, clock = 0, kind = 0, absolute = false }] of waits.entries()) {
      const at = place + index * 48
      host.view().setBigUint64(at, userdata, true)
      host.view().setUint8(at + 8, kind)
      host.view().setUint32(at + 16, clock, true)
      host.view().setBigUint64(at + 24, timeout, true)
      host.view().setUint16(at + 40, absolute ? 1 : 0, true)
    }
  }
  return {
    ...host,
    wait: (...waits: readonly Wait[]) => {
      put(waits, SUBSCRIPTIONS)
      return host.call('poll_oneoff', SUBSCRIPTIONS, EVENTS, waits.length, RESULT)
    },
    put,
    now: (clock = 0) => {
      host.call('clock_time_get', clock, 0n, TIME)
      return host.view().getBigUint64(TIME, true)
    },
    /** Userdata of the reported events; an event has an error and a kind too, which are 0. */
    reported: () =>
      Array.from({ length: host.view().getUint32(RESULT, true) }, (_, index) => {
        const at = EVENTS + index * 32
        expect([...new Uint8Array(host.view().buffer, at + 8, 24)]).toEqual(new Array(24).fill(0))
        return host.view().getBigUint64(at, true)
      }),
  }
}

describe('waiting [CLOCK-1.1] [CLOCK-1.2]', () => {
  test('is over at once, and every clock shows the time that it waited for', () => {
    const { wait, now, reported } = waiter()
    expect(wait({ timeout: 1_500_000_000n, userdata: 7n })).toBe(SUCCESS)
    expect(reported()).toEqual([7n])
    expect([0, 1, 2, 3].map(now)).toEqual([1_500_000_000n, 1_500_000_000n, 1_500_000_000n, 1_500_000_000n])
  })

  test('adds up', () => {
    const { wait, now } = waiter()
    for (let i = 0; i < 3; i++) wait({ timeout: 40n })
    expect(now()).toBe(120n)
  })

  test('for an absolute time goes there, and never back', () => {
    const { wait, now, reported } = waiter()
    wait({ timeout: 100n, absolute: true, clock: 1 })
    expect(now()).toBe(100n)
    wait({ timeout: 60n, absolute: true, userdata: 5n })
    expect(now()).toBe(100n)
    expect(reported()).toEqual([5n])
  })

  test('for several times ends at the earliest, and reports all that have come', () => {
    const { wait, now, reported } = waiter()
    wait(
      { timeout: 30n, userdata: 1n },
      { timeout: 10n, userdata: 2n },
      { timeout: 20n, userdata: 3n },
      { timeout: 10n, userdata: 4n, absolute: true },
    )
    expect(now()).toBe(10n)
    expect(reported()).toEqual([2n, 4n])
  })

  test('ends with the last time there is', () => {
    const { wait, now, reported } = waiter()
    wait({ timeout: 9n })
    wait({ timeout: TIME_MAX, userdata: 3n })
    expect(now()).toBe(TIME_MAX)
    expect(reported()).toEqual([3n])
  })

  test('costs by the subscription, not by the time [FUEL-4.4]', () => {
    const { wait, charged } = waiter()
    wait({ timeout: TIME_MAX }, { timeout: 1n })
    expect(charged()).toBe(2 * ENTRY)
  })

  test('may write its events over its subscriptions', () => {
    const { put, call, now, view } = waiter()
    put(
      [
        { timeout: 5n, userdata: 1n },
        { timeout: 5n, userdata: 2n },
      ],
      EVENTS,
    )
    expect(call('poll_oneoff', EVENTS, EVENTS, 2, RESULT)).toBe(SUCCESS)
    expect(now()).toBe(5n)
    expect([EVENTS, EVENTS + 32].map(at => view().getBigUint64(at, true))).toEqual([1n, 2n])
  })
})

describe('waiting is answered with an error, and the time stands [CLOCK-1.3]:', () => {
  test.each<[what: string, waits: readonly Wait[], error: number]>([
    ['for nothing', [], INVALID],
    ['for a file', [{ timeout: 5n, kind: 1 }], NOT_SUPPORTED],
    ['for a file besides a time', [{ timeout: 5n }, { timeout: 5n, kind: 2 }], NOT_SUPPORTED],
    ['on a clock that there is not', [{ timeout: 5n, clock: 4 }], INVALID],
    [
      'on no clock and then for a file',
      [
        { timeout: 5n, clock: 4 },
        { timeout: 5n, kind: 1 },
      ],
      INVALID,
    ],
  ])('%s', (_what, waits, error) => {
    const { wait, now, charged } = waiter()
    expect(wait(...waits)).toBe(error)
    expect(now()).toBe(0n)
    expect(charged()).toBe(waits.length * ENTRY)
  })

  test('for too many times, which are not charged', () => {
    const { call, charged } = waiter()
    expect(call('poll_oneoff', 0, 0, 1_025, RESULT)).toBe(INVALID)
    expect(call('poll_oneoff', 0, 0, -1, RESULT)).toBe(INVALID)
    expect(charged()).toBe(0)
  })

  test.each([
    ['subscriptions', 65_536 - 47, EVENTS, RESULT],
    ['events', SUBSCRIPTIONS, 65_536 - 31, RESULT],
    ['the number of events', SUBSCRIPTIONS, EVENTS, 65_536 - 3],
  ])('with %s outside the memory', (_what, subscriptions, events, result) => {
    const { put, call, now } = waiter()
    put([{ timeout: 5n }], SUBSCRIPTIONS)
    expect(call('poll_oneoff', subscriptions, events, 1, result)).toBe(FAULT)
    expect(now()).toBe(0n)
  })
})
