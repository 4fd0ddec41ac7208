/** What those who run a coordinator ask of it: is it well, how busy is it, and what can be asked of it. */

import type { HttpAuth } from './auth.ts'
import type { Exchange } from './exchange.ts'
import { HEALTH_PATH, type HealthRoutesComponents, READY_PATH, serveHealth, serveReady } from './health-routes.ts'
import { METRICS_PATH, type MetricsRouteComponents, serveMetrics } from './metrics-routes.ts'
import { OPENAPI_PATH, serveOpenApi } from './openapi/serve.ts'

export interface OperationsComponents extends HealthRoutesComponents, MetricsRouteComponents {
  /** Measures one request until it is answered. */
  watch(exchange: Exchange): void
}

type Serve = (components: OperationsComponents, auth: HttpAuth, exchange: Exchange) => void | Promise<void>

const ROUTES: ReadonlyMap<string, Serve> = new Map<string, Serve>([
  [HEALTH_PATH, (components, _auth, exchange) => serveHealth(components, exchange)],
  [READY_PATH, (components, _auth, exchange) => serveReady(components, exchange)],
  [METRICS_PATH, serveMetrics],
  [OPENAPI_PATH, (_components, _auth, exchange) => serveOpenApi(exchange)],
])

/** Whether a path is served here. */
export function isOperationsPath(path: string): boolean {
  return ROUTES.has(path)
}

/** Answers one request for a path of which {@link isOperationsPath} is true. */
export async function serveOperations(
  components: OperationsComponents,
  auth: HttpAuth,
  exchange: Exchange,
): Promise<void> {
  await ROUTES.get(exchange.path)?.(components, auth, exchange)
}
