/** `/v1.1/…`: OGC SensorThings API, for anybody to read. */
import type { SensorThings } from '../outputs/index.ts'
import { type Exchange, refuseMethod } from './exchange.ts'

export interface SensorThingsRoutesComponents {
  /** Null when the region does not show its readings to everybody. */
  sensorThings: SensorThings | null
}

/** Where the service begins. */
export const SENSORTHINGS_PATH = '/v1.1'

/** A page of observations changes whenever readings or verdicts come, so nobody keeps one. Any web page may read it. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

/** Whether a path is the service's. */
export function isSensorThingsPath(path: string): boolean {
  return path === SENSORTHINGS_PATH || path.startsWith(`${SENSORTHINGS_PATH}/`)
}

/** Answers one request for the service. */
export async function serveSensorThings(sensorThings: SensorThings, exchange: Exchange): Promise<void> {
  const { req, res, path } = exchange
  // Set first, so that refusals have it too.
  res.setHeader('access-control-allow-origin', '*')
  if (req.method === 'OPTIONS') {
    res.writeHead(204, { ...HEADERS, 'access-control-allow-methods': 'GET, HEAD', 'access-control-max-age': '86400' })
    res.end()
    return
  }
  if (req.method !== 'GET' && req.method !== 'HEAD') refuseMethod(exchange, ['GET', 'HEAD', 'OPTIONS'])
  const target = req.url ?? ''
  const at = target.indexOf('?')
  const query = at < 0 ? '' : target.slice(at + 1)
  const { mediaType, body } = await sensorThings.get(path.slice(SENSORTHINGS_PATH.length), query)
  const bytes = Buffer.from(body)
  res.writeHead(200, { ...HEADERS, 'content-type': mediaType, 'content-length': String(bytes.length) })
  res.end(req.method === 'HEAD' ? undefined : bytes)
}
