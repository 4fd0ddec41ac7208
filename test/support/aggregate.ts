import { createAggregator } from '../../coordinator/aggregation/index.ts'
import { concatBytes, utf8 } from '../../protocol/bytes.ts'
import type { AggregateSpec } from '../../protocol/jobs/index.ts'

/** The whole answer of outputs in unit order; null skips a unit. */
export function aggregateBytes(aggregate: AggregateSpec, outputs: readonly (Uint8Array | null)[]): Uint8Array {
  const chunks: Uint8Array[] = []
  const aggregator = createAggregator(aggregate, outputs.length, chunk => chunks.push(chunk))
  outputs.forEach((output, unit) => {
    if (output === null) aggregator.skip(unit)
    else aggregator.add(unit, output)
  })
  return concatBytes(...chunks, aggregator.finish().bytes)
}

/** The same, of texts. */
export function aggregateText(aggregate: AggregateSpec, outputs: readonly (string | null)[]): string {
  return new TextDecoder().decode(
    aggregateBytes(
      aggregate,
      outputs.map(text => (text === null ? null : utf8(text))),
    ),
  )
}
