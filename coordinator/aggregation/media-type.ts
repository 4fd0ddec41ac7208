/** What an answer is, for whoever fetches it. */
import type { AggregateKind, AggregateSpec } from '../../protocol/index.ts'

export type AggregateMediaType = 'text/plain' | 'application/json' | 'application/octet-stream' | 'application/cbor'

const MEDIA_TYPES: Readonly<Record<AggregateKind, AggregateMediaType>> = {
  collect: 'application/cbor',
  concat: 'application/octet-stream',
  sum: 'text/plain',
  mean: 'text/plain',
  min: 'text/plain',
  max: 'text/plain',
  histogram: 'application/json',
  'merge-map': 'text/plain',
}

/** The media type of an aggregate's answer. Texts are UTF-8. */
export function mediaTypeOf(aggregate: AggregateSpec): AggregateMediaType {
  return MEDIA_TYPES[aggregate.kind]
}
