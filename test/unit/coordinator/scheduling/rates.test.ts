import { describe, expect, it } from 'vitest'
import { Rates } from '../../../../coordinator/scheduling/rates.ts'
import { deviceId, sha256Hex } from '../../../../protocol/index.ts'

const PI = deviceId(`a${'2'.repeat(25)}`)
const BOX = deviceId(`b${'2'.repeat(25)}`)
const WORDS = sha256Hex('aa'.repeat(32))
const PRIMES = sha256Hex('bb'.repeat(32))

describe('rates', () => {
  it('know nothing of a module that never came back', () => {
    const rates = new Rates()
    rates.learn(PI, WORDS, 10, 100, 50)
    expect(rates.of(PI, PRIMES)).toBeNull()
    expect(rates.knows(PI, PRIMES)).toBe(false)
  })

  it("take a device's own record first and any device's after that", () => {
    const rates = new Rates()
    rates.learn(PI, WORDS, 10, 100, 50)
    expect(rates.of(PI, WORDS)).toEqual({ unitsPerMs: 0.1, outputBytesPerUnit: 5, unitsSeen: 10 })
    expect(rates.of(BOX, WORDS)).toEqual(rates.of(PI, WORDS))
    expect([rates.knows(PI, WORDS), rates.knows(BOX, WORDS)]).toEqual([true, false])
    rates.learn(BOX, WORDS, 10, 10, 50)
    expect(rates.of(BOX, WORDS)?.unitsPerMs).toBe(1)
    expect(rates.of(PI, WORDS)?.unitsPerMs).toBe(0.1)
  })

  it('follow the newest lease half of the way, and keep the longest', () => {
    const rates = new Rates()
    rates.learn(PI, WORDS, 100, 100, 1_000)
    rates.learn(PI, WORDS, 10, 5, 40)
    expect(rates.of(PI, WORDS)).toEqual({ unitsPerMs: 1.5, outputBytesPerUnit: 7, unitsSeen: 100 })
  })

  it('count a lease of no whole millisecond as half of one', () => {
    const rates = new Rates()
    rates.learn(PI, WORDS, 4, 0, 0)
    expect(rates.of(PI, WORDS)).toEqual({ unitsPerMs: 8, outputBytesPerUnit: 0, unitsSeen: 4 })
  })

  it('fall for a device that did not finish in time, and for no other', () => {
    const rates = new Rates()
    rates.learn(PI, WORDS, 1_000, 1_000, 1_000)
    rates.noFaster(PI, WORDS, 10, 20_000)
    expect(rates.of(PI, WORDS)).toEqual({ unitsPerMs: 0.0005, outputBytesPerUnit: 1, unitsSeen: 1_000 })
    rates.noFaster(PI, WORDS, 10, 1_000)
    expect(rates.of(PI, WORDS)?.unitsPerMs).toBe(0.0005)
    expect(rates.of(BOX, WORDS)?.unitsPerMs).toBe(1)
    rates.noFaster(BOX, WORDS, 10, 20_000)
    expect(rates.of(BOX, WORDS)?.unitsPerMs).toBe(0.0005)
    expect(rates.knows(BOX, WORDS)).toBe(false)
    rates.learn(BOX, WORDS, 10, 10, 10)
    expect(rates.of(BOX, WORDS)?.unitsPerMs).toBe(1)
  })

  it('forget the oldest rather than grow without bound', () => {
    const rates = new Rates()
    rates.learn(PI, WORDS, 1, 1, 1)
    for (let i = 0; i < 100_000; i++) rates.learn(BOX, sha256Hex(i.toString(16).padStart(64, '0')), 1, 1, 1)
    expect(rates.of(PI, WORDS)).toBeNull()
    expect(rates.knows(BOX, sha256Hex((99_999).toString(16).padStart(64, '0')))).toBe(true)
  })
})
