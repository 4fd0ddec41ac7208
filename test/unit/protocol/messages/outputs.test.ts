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

const ok = (length: number): UnitOutcome => ({ kind: 'ok', bytes: new Uint8Array(length).fill(7) })
const trap: UnitOutcome = { kind: 'trap', trap: 'divide_by_zero' }
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
    expect(() => encodeOutputs([{ kind: 'exit', code }])).toThrow(AssertionError)
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

  test('counts the units without an output', () => {
    expect(checkOutputs(encodeOutputs([ok(1), trap, { kind: 'exit', code: 2 }, ok(0)]), 4)).toBe(2)
  })

  test('a head that promises units that are not there reserves nothing [OUT-1.2]', () => {
    expect(() => decodeOutputs(fromHex('9a0001000040'), 65_536)).toThrow('its payload must not end early')
  })
})

describe('slices [OUT-2.1]', () => {
  const outcomes = Array.from({ length: 300 }, (_, i) => (i % 7 === 3 ? trap : ok(i)))
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
