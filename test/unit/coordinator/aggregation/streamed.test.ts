import { describe, expect, test } from 'vitest'
import { createAggregator } from '../../../../coordinator/aggregation/index.ts'
import { concatBytes, toHex, utf8 } from '../../../../protocol/bytes.ts'
import { encode } from '../../../../protocol/cbor/index.ts'
import { aggregateBytes, aggregateText } from '../../../support/aggregate.ts'

test('concat puts outputs in the order of their units and leaves skipped ones out', () => {
  expect(aggregateText({ kind: 'concat' }, ['a\n', '', null, 'b'])).toBe('a\nb')
})

test('collect is a CBOR array of byte strings, null for a skipped unit', () => {
  const outputs = [utf8('a'), null, utf8('')]
  expect(toHex(aggregateBytes({ kind: 'collect' }, outputs))).toBe('834161f640')
})

test.each([1, 23, 24, 255, 256, 65_535, 65_536, 65_537])(
  'collect of %i units has the one encoding of its array',
  units => {
    const outputs = Array.from({ length: units }, (_, unit) => (unit % 7 === 3 ? null : utf8(String(unit))))
    expect(toHex(aggregateBytes({ kind: 'collect' }, outputs))).toBe(toHex(encode(outputs)))
  },
)

describe('a long answer', () => {
  test.each(['concat', 'collect'] as const)('of %s leaves memory in chunks that the sink may keep', kind => {
    const chunks: Uint8Array[] = []
    const aggregator = createAggregator({ kind }, 1_000, chunk => chunks.push(chunk))
    const reused = new Uint8Array(1_000)
    for (let unit = 0; unit < 1_000; unit++) {
      aggregator.add(unit, reused.fill(unit % 251))
      const held = kind === 'concat' ? unit * 1_000 : unit * 1_003
      expect(held - chunks.reduce((sum, chunk) => sum + chunk.length, 0)).toBeLessThan(70_000)
    }
    expect(chunks.length).toBeGreaterThan(10)
    expect(chunks.length).toBeLessThan(17)
    const bytes = concatBytes(...chunks, aggregator.finish().bytes)
    const outputs = Array.from({ length: 1_000 }, (_, unit) => new Uint8Array(1_000).fill(unit % 251))
    expect(toHex(bytes)).toBe(toHex(kind === 'concat' ? concatBytes(...outputs) : encode(outputs)))
  })

  test('may have outputs longer than a chunk', () => {
    const outputs = [utf8('a'), new Uint8Array(200_000).fill(1), utf8('b'), new Uint8Array(65_536), utf8('c')]
    expect(toHex(aggregateBytes({ kind: 'concat' }, outputs))).toBe(toHex(concatBytes(...outputs)))
  })
})
