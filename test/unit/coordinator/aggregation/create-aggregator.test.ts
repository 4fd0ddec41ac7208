import { describe, expect, test } from 'vitest'
import { createAggregator, mediaTypeOf } from '../../../../coordinator/aggregation/index.ts'
import { utf8 } from '../../../../protocol/bytes.ts'
import type { AggregateSpec } from '../../../../protocol/jobs/index.ts'

const kinds: [AggregateSpec, string, boolean][] = [
  [{ kind: 'collect' }, 'application/cbor', true],
  [{ kind: 'concat' }, 'application/octet-stream', true],
  [{ kind: 'sum' }, 'text/plain', false],
  [{ kind: 'mean' }, 'text/plain', false],
  [{ kind: 'min' }, 'text/plain', false],
  [{ kind: 'max' }, 'text/plain', false],
  [{ kind: 'histogram', from: 0, to: 1, bins: 1 }, 'application/json', false],
  [{ kind: 'merge-map' }, 'text/plain', false],
]

describe.each(kinds)('%j', (spec, mediaType, ordered) => {
  test('announces its media type and whether order matters', () => {
    const aggregator = createAggregator(spec, 1, () => {})
    expect(aggregator.ordered).toBe(ordered)
    aggregator.skip(0)
    expect(aggregator.finish().mediaType).toBe(mediaType)
    expect(mediaTypeOf(spec)).toBe(mediaType)
  })

  test('takes every unit once, and finishes only then', () => {
    const aggregator = createAggregator(spec, 2, () => {})
    aggregator.add(0, utf8(''))
    expect(() => aggregator.finish()).toThrow('finished when every unit was taken')
    expect(() => aggregator.skip(2)).toThrow('takes each unit of its job once')
    expect(() => aggregator.skip(-1)).toThrow('takes each unit of its job once')
    aggregator.skip(1)
    expect(() => aggregator.add(1, utf8(''))).toThrow('takes each unit of its job once')
  })

  test('cares for the order of units only if it says so', () => {
    const aggregator = createAggregator(spec, 2, () => {})
    if (ordered) expect(() => aggregator.add(1, utf8(''))).toThrow('ascending order')
    else aggregator.add(1, utf8(''))
    aggregator.add(0, utf8(''))
  })
})
