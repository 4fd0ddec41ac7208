import { describe, expect, test } from 'vitest'
import { SLOW_READER_LIMITS, SlowReader } from '../../../../coordinator/broker/slow-readers.ts'
import type { Clock } from '../../../../protocol/index.ts'

const { freeBytes, heldBytesMax, stalledMsMax, stalledPacketsMax } = SLOW_READER_LIMITS

/** A socket to which bytes are written and from which the network takes some, on a clock moved by hand. */
function setUp() {
  let nowMs = 0
  const clock: Clock = {
    wallMs: () => 0,
    monotonicMs: () => nowMs,
    setTimeout: () => ({ cancel: () => undefined }),
  }
  const outlet = { writableLength: 0, bytesWritten: 0 }
  const reader = new SlowReader(clock)
  return {
    write(count: number) {
      outlet.writableLength += count
      outlet.bytesWritten += count
    },
    take(count: number) {
      outlet.writableLength -= count
    },
    pass(ms: number) {
      nowMs += ms
    },
    isStalled: (packets = 1) => reader.isStalled(outlet, packets),
  }
}

describe('slow readers', () => {
  test('a client may leave a little unread for as long as it likes', () => {
    const it = setUp()
    it.write(freeBytes)
    expect(it.isStalled()).toBe(false)
    it.pass(86_400_000)
    expect(it.isStalled(1_000_000)).toBe(false)
  })

  test('above that it must take something in time', () => {
    const it = setUp()
    it.write(freeBytes + 1)
    expect(it.isStalled()).toBe(false)
    it.pass(stalledMsMax - 1)
    expect(it.isStalled()).toBe(false)
    it.pass(1)
    expect(it.isStalled()).toBe(true)
  })

  test('a slow line in a burst is not a stall', () => {
    const it = setUp()
    it.write(heldBytesMax)
    for (let second = 0; second < 60; second++) {
      expect(it.isStalled(), `after ${second} s`).toBe(false)
      it.take(8_000)
      it.write(8_000)
      it.pass(1_000)
    }
  })

  test('reading until little is left starts afresh', () => {
    const it = setUp()
    it.write(freeBytes + 1)
    it.isStalled()
    it.pass(stalledMsMax)
    it.take(1)
    expect(it.isStalled()).toBe(false)
    it.write(1)
    expect(it.isStalled()).toBe(false)
  })

  test('nobody may leave more than the most unread, however fast it reads', () => {
    const it = setUp()
    it.write(heldBytesMax + 2)
    it.take(1)
    expect(it.isStalled()).toBe(true)
  })

  test('a client that asks and asks but does not read the answers must go', () => {
    const it = setUp()
    it.write(freeBytes + 1)
    expect(it.isStalled(10)).toBe(false)
    expect(it.isStalled(10 + stalledPacketsMax)).toBe(false)
    expect(it.isStalled(11 + stalledPacketsMax)).toBe(true)
  })
})
