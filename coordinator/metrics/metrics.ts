/** All that a running coordinator tells Prometheus, one source after the other. */
import { expositionText, type Family } from './exposition.ts'

/** Whoever measures something. */
export interface MetricsSource {
  families(): Family[]
}

export interface Metrics {
  /** The answer to one scrape. */
  text(): string
}

export function createMetrics(sources: readonly MetricsSource[]): Metrics {
  return { text: () => expositionText(sources.flatMap(source => source.families())) }
}
