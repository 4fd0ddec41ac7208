/** `/health` and `/ready`: whether the process lives, and whether it can do its work. Anybody may ask, as supervisors have no token. */

import { type Exchange, refuseMethod, sendJson } from './exchange.ts'
import type { Ready } from './health-api.ts'

export interface HealthRoutesComponents {
  /** The region's name. */
  regionName(): Promise<string>
  /** Looks whether everything that a coordinator needs is there. */
  ready(): Promise<Ready>
}

export const HEALTH_PATH = '/health'
export const READY_PATH = '/ready'

/** Answers `GET /health`, which costs nothing: a supervisor restarts a process that does not answer it. */
export async function serveHealth({ regionName }: HealthRoutesComponents, exchange: Exchange): Promise<void> {
  if (exchange.req.method !== 'GET' && exchange.req.method !== 'HEAD') refuseMethod(exchange, ['GET', 'HEAD'])
  sendJson(exchange, 200, { ok: true, region: await regionName() })
}

/** Answers `GET /ready`: 503 with the reasons while work is not done. */
export async function serveReady({ ready }: HealthRoutesComponents, exchange: Exchange): Promise<void> {
  if (exchange.req.method !== 'GET' && exchange.req.method !== 'HEAD') refuseMethod(exchange, ['GET', 'HEAD'])
  const found = await ready()
  sendJson(exchange, found.ready ? 200 : 503, found, found.ready ? {} : { 'retry-after': '5' })
}
