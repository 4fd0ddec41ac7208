/** Puts the outputs of a job's units together into one answer. */
import { type AggregateSpec, assert } from '../../protocol/index.ts'
import type { AggregateSink, Reducer } from './aggregator.ts'
import { Collect } from './collect.ts'
import { Concat } from './concat.ts'
import { Extremum } from './extremum.ts'
import { Histogram } from './histogram.ts'
import { type AggregateMediaType, mediaTypeOf } from './media-type.ts'
import { MergeMap } from './merge-map.ts'
import { Mean, Sum } from './sum.ts'

export type { AggregateSink } from './aggregator.ts'
export { type AggregateMediaType, mediaTypeOf } from './media-type.ts'

/** The end of an answer. The whole answer is everything that the sink got before, followed by `bytes`. */
export interface AggregateEnd {
  readonly mediaType: AggregateMediaType
  readonly bytes: Uint8Array
}

/** Takes every unit of a job once, by {@link add} or {@link skip}, and then gives the answer. */
export interface Aggregator {
  /** Whether units must come in ascending order. Where it is false, every order gives the same bytes. */
  readonly ordered: boolean
  /**
   * Takes the output of a unit that ended well.
   * @throws {TaskError} `bad_output` with the unit and what was expected; the unit has not been taken then, and may be skipped
   */
  add(unit: number, output: Uint8Array): void
  /** Takes a unit that has no output: null in `collect`, nothing elsewhere. */
  skip(unit: number): void
  /** The end of the answer, once every unit was taken. The whole answer is what the sink got, followed by these bytes. */
  finish(): AggregateEnd
}

/**
 * An aggregator for a job of `units` units. `collect`, `concat` and long merge-maps go to the sink in chunks as they grow, so no
 * more than a chunk of an answer is in memory; the others hold a few numbers and never call it.
 */
export function createAggregator(aggregate: AggregateSpec, units: number, sink: AggregateSink): Aggregator {
  const reducer = createReducer(aggregate, units, sink)
  let taken = 0
  const check = (unit: number) => {
    assert(unit >= 0 && unit < units && taken < units, 'an aggregate takes each unit of its job once')
    assert(!reducer.ordered || unit === taken, 'an ordered aggregate takes units in ascending order')
  }
  return {
    ordered: reducer.ordered,
    add: (unit, output) => {
      check(unit)
      reducer.add(unit, output)
      taken++
    },
    skip: unit => {
      check(unit)
      reducer.skip(unit)
      taken++
    },
    finish: () => {
      assert(taken === units, 'an aggregate is finished when every unit was taken')
      return { mediaType: mediaTypeOf(aggregate), bytes: reducer.finish() }
    },
  }
}

function createReducer(aggregate: AggregateSpec, units: number, sink: AggregateSink): Reducer {
  switch (aggregate.kind) {
    case 'collect':
      return new Collect(units, sink)
    case 'concat':
      return new Concat(sink)
    case 'sum':
      return new Sum()
    case 'mean':
      return new Mean()
    case 'min':
    case 'max':
      return new Extremum(aggregate.kind)
    case 'histogram':
      return new Histogram(aggregate)
    case 'merge-map':
      return new MergeMap(sink)
  }
}
