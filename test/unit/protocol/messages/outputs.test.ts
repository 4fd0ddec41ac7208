import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../../../protocol/bytes.ts'
import { AssertionError } from '../../../../protocol/errors.ts'
import { LIMITS } from '../../../../protocol/limits.ts'
import {
  checkOutputs,
  cutOutputs,
  decodeOutputs,
  encodeOutputs,
  sliceOutputs,
  type UnitOutcome,
} from '../../../../protocol/messages/index.ts'

const ok = (length: number, fuel = 1_000): UnitOutcome => ({ fuel, kind: 'ok', bytes: new Uint8Array(length).fill(7) })
const trap: UnitOutcome = { fuel: 300, kind: 'trap', trap: 'divide_by_zero' }
const exit: UnitOutcome = { fuel: 20, kind: 'exit', code: 2 }
const ranOut = (fuel: number): UnitOutcome => ({ fuel, kind: 'out_of_fuel' })
const many = (count: number): UnitOutcome[] => new Array<UnitOutcome>(count).fill(ok(0))

describe('bounds', () => {
  test('units of a lease [OUT-1.3]', () => {
    const most = encodeOutputs(many(LIMITS.unitsPerLeaseMax))
    expect(decodeOutputs(most, LIMITS.unitsPerLeaseMax)).toHaveLength(65_536)
    expect(() => encodeOutputs(many(LIMITS.unitsPerLeaseMax + 1))).toThrow('must be an array of 1 to 65536 elements')
    expect(() => encodeOutputs([])).toThrow('must be an array of 1 to 65536 elements')
  })

  test('bytes of one output [OUT-1.3]', () => {
    const largest = encodeOutputs([ok(LIMITS.unitOutputBytesMax)])
    expect(decodeOutputs(largest, 1)).toEqual([ok(LIMITS.unitOutputBytesMax)])
    expect(() => encodeOutputs([trap, ok(LIMITS.unitOutputBytesMax + 1)])).toThrow(
      'its [1] must be at most 1048576 bytes',
    )
  })

  test('bytes of all outputs [OUT-1.3]', () => {
    const mebibytes = new Array<UnitOutcome>(16).fill(ok(LIMITS.unitOutputBytesMax))
    expect(() => encodeOutputs(mebibytes)).toThrow('must be at most 16777216 bytes')
    expect(() => checkOutputs(new Uint8Array(LIMITS.leaseOutputBytesMax + 1), 1)).toThrow(
      'must be at most 16777216 bytes',
    )
  })

  test.each([0, -1, 1.5, 2 ** 32, Number.NaN])('an exit code of %d is a bug of the caller [OUT-1.4]', code => {
    expect(() => encodeOutputs([{ fuel: 0, kind: 'exit', code }])).toThrow(AssertionError)
  })

  test.each([-1, 1.5, LIMITS.unitFuelMax + 1, Number.NaN])('fuel of %d is a bug of the caller [OUT-3.1]', fuel => {
    expect(() => encodeOutputs([ok(1, fuel)])).toThrow(AssertionError)
    expect(() => encodeOutputs([ranOut(fuel)])).toThrow(AssertionError)
  })

  test('a trap without a number is a bug of the caller, and the number after the last is refused [OUT-1.5]', () => {
    const other = { fuel: 0, kind: 'trap', trap: 'other' } as unknown as UnitOutcome
    expect(() => encodeOutputs([other])).toThrow(AssertionError)
    const last = encodeOutputs([{ fuel: 0, kind: 'trap', trap: 'bad_output' }])
    expect(toHex(last)).toBe('8183000107')
    expect(() => decodeOutputs(fromHex('8183000108'), 1)).toThrow('[fuel, 1, 0..7]')
  })
})

describe('fuel', () => {
  test('each kind carries its own, and all of it is summed [OUT-3.3]', () => {
    const bytes = encodeOutputs([ok(1), trap, exit, ok(0, 0), ranOut(7)])
    expect(checkOutputs(bytes, 5)).toEqual({ failed: 3, fuel: 1_327 })
  })

  test('the longest lease of the dearest units is summed exactly [OUT-3.3]', () => {
    const most = new Array<UnitOutcome>(LIMITS.unitsPerLeaseMax).fill(ok(0, LIMITS.unitFuelMax))
    most[0] = ok(0, LIMITS.unitFuelMax - 1)
    const sum = BigInt(LIMITS.unitsPerLeaseMax) * BigInt(LIMITS.unitFuelMax) - 1n
    expect(BigInt(checkOutputs(encodeOutputs(most), most.length).fuel)).toBe(sum)
  })

  test('no unit burned more than the limit of its task, when that is known [OUT-3.1]', () => {
    const bytes = encodeOutputs([ok(1, 500), trap, exit])
    expect(checkOutputs(bytes, 3, 500)).toEqual({ failed: 2, fuel: 820 })
    expect(() => checkOutputs(bytes, 3, 499)).toThrow('[0] must begin with its fuel, an integer of 0 to 499')
    expect(() => checkOutputs(encodeOutputs([ok(1, 1), trap]), 2, 299)).toThrow('[1] must begin with its fuel')
  })

  test('a unit that ran out burned its limit, no more and no less [OUT-3.2]', () => {
    expect(checkOutputs(encodeOutputs([ranOut(500)]), 1, 500)).toEqual({ failed: 1, fuel: 500 })
    expect(() => checkOutputs(encodeOutputs([ranOut(499)]), 1, 500)).toThrow('[0] must begin with 500, all the fuel')
    expect(() => checkOutputs(encodeOutputs([ranOut(501)]), 1, 500)).toThrow('[0] must begin with its fuel')
  })

  test('the digest differs when only fuel does [RESULT-1.5]', () => {
    const digest = (outcomes: UnitOutcome[]) => toHex(sha256(encodeOutputs(outcomes)))
    expect(digest([ok(1), trap])).toBe(digest([ok(1), trap]))
    expect(digest([ok(1), { ...trap, fuel: 301 }])).not.toBe(digest([ok(1), trap]))
    expect(digest([ok(1, 1_001), trap])).not.toBe(digest([ok(1), trap]))
  })
})

describe('decoding', () => {
  test('gives plain views of the bytes, also of a Node Buffer', () => {
    const outer = Buffer.from([0, ...encodeOutputs([ok(3), trap])]).subarray(1)
    const [first] = decodeOutputs(outer, 2)
    expect(first).toEqual(ok(3))
    expect(first?.kind === 'ok' && first.bytes.buffer).toBe(outer.buffer)
    expect(first?.kind === 'ok' && first.bytes.constructor).toBe(Uint8Array)
  })

  test('a head that promises units that are not there reserves nothing [OUT-1.2]', () => {
    expect(() => decodeOutputs(fromHex('9a00010000820040'), 65_536)).toThrow('its payload must not end early')
  })
})

describe('slices [OUT-2.1]', () => {
  const outcomes = Array.from({ length: 300 }, (_, i) => {
    return i % 7 === 3 ? trap : i % 7 === 5 ? ranOut(i * 2 ** 28) : ok(i, i * i * i)
  })
  const bytes = encodeOutputs(outcomes)

  test.each([
    [0, 300],
    [0, 1],
    [299, 1],
    [100, 23],
    [100, 24],
    [1, 256],
  ])('from %i, %i units', (from, count) => {
    expect(toHex(sliceOutputs(bytes, from, count))).toBe(toHex(encodeOutputs(outcomes.slice(from, from + count))))
  })

  test('halves, cut again and again, keep every unit', () => {
    const unitsOf = (part: Uint8Array, count: number): UnitOutcome[] => {
      if (count === 1) return decodeOutputs(part, 1)
      const half = count >> 1
      return [
        ...unitsOf(sliceOutputs(part, 0, half), half),
        ...unitsOf(sliceOutputs(part, half, count - half), count - half),
      ]
    }
    expect(unitsOf(bytes, 300)).toEqual(outcomes)
  })

  test.each([
    [0, 301],
    [300, 1],
    [-1, 2],
    [5, 0],
  ])('from %i, %i units are not there', (from, count) => {
    expect(() => sliceOutputs(bytes, from, count)).toThrow('its payload must hold the units')
  })

  test.each([[[300]], [[1, 299]], [[100, 23, 24, 153]], [Array.from({ length: 300 }, () => 1)]])(
    'cut in one pass into %j',
    counts => {
      let from = 0
      const expected = counts.map(count => {
        from += count
        return toHex(encodeOutputs(outcomes.slice(from - count, from)))
      })
      expect(cutOutputs(bytes, counts).map(toHex)).toEqual(expected)
    },
  )

  test.each([[[299]], [[300, 1]], [[]]])('are not cut into %j', counts => {
    expect(() => cutOutputs(bytes, counts)).toThrow('its payload must be an array of')
  })

  test('are not cut when bytes are left over', () => {
    expect(() => cutOutputs(Uint8Array.of(...bytes, 0), [300])).toThrow('its payload')
  })
})
