import type { OperationsComponents } from '../../coordinator/http/operations-routes.ts'

/** A coordinator called hagley that measures nothing and is always ready, for tests of other routes. */
export const NO_OPERATIONS: OperationsComponents = {
  metrics: { text: () => '' },
  metricsToken: 'metrics-token',
  ready: async () => ({ ready: true, checks: [] }),
  regionName: async () => 'hagley',
  watch: () => {},
}
