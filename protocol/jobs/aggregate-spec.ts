/** How the outputs of all units become one answer. */
import { LIMITS } from '../limits.ts'
import { readAnyObject, readInteger, readNumber, readObject, readOneOf, refuse } from './read.ts'

export type AggregateKind = AggregateSpec['kind']

/**
 * `collect` and `concat` keep the outputs, in unit order; the others read numbers or counts from them.
 * A histogram has `bins` equal, half-open intervals over [`from`, `to`).
 */
export type AggregateSpec =
  | { readonly kind: 'collect' | 'concat' | 'sum' | 'mean' | 'min' | 'max' | 'merge-map' }
  | { readonly kind: 'histogram'; readonly from: number; readonly to: number; readonly bins: number }

const KINDS = ['collect', 'concat', 'sum', 'mean', 'min', 'max', 'merge-map', 'histogram'] as const
const FIELDS = ['kind', 'from', 'to', 'bins'] as const

/**
 * The bare name stands for an aggregate without settings: `"sum"` for `{"kind": "sum"}`.
 * @throws {ConfigError} `bad_job` below the path `aggregate`
 */
export function parseAggregate(value: unknown): AggregateSpec {
  if (typeof value === 'string') return parseAggregate({ kind: value })
  const { kind: kindValue } = readAnyObject(
    value,
    'aggregate',
    `a name such as "sum" or an object such as {"kind": "sum"}`,
  )
  if (kindValue === undefined) readObject(value, 'aggregate', FIELDS)
  const kind = readOneOf(kindValue, 'aggregate.kind', KINDS)
  if (kind !== 'histogram') {
    readObject(value, 'aggregate', ['kind'])
    return { kind }
  }
  const { from: fromValue, to: toValue, bins } = readObject(value, 'aggregate', FIELDS)
  const from = readNumber(fromValue, 'aggregate.from')
  const to = readNumber(toValue, 'aggregate.to')
  if (to <= from) refuse('aggregate.to', `must be above 'aggregate.from' (${from}), not ${to}`)
  return { kind, from, to, bins: readInteger(bins, 'aggregate.bins', 1, LIMITS.histogramBinsMax) }
}
