/** `GET /api/openapi.json`: what can be asked of a coordinator, for programs that make clients. Anybody may read it. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ApiError } from '../admin-api.ts'
import { type Exchange, refuseMethod, sendJson } from '../exchange.ts'

export const OPENAPI_PATH = '/api/openapi.json'

/** In the package, beside its code. */
const FILE = 'docs/openapi.json'

/**
 * Answers with the document of this version, which is read when somebody asks.
 * @throws {ApiError} `not_found` where the code was taken out of its package
 */
export async function serveOpenApi(exchange: Exchange): Promise<void> {
  if (exchange.req.method !== 'GET' && exchange.req.method !== 'HEAD') refuseMethod(exchange, ['GET', 'HEAD'])
  const path = find(import.meta.dirname)
  if (path === null) throw new ApiError('not_found', `This installation has no ${FILE}: install the whole package.`)
  const document: unknown = JSON.parse(await readFile(path, 'utf8'))
  sendJson(exchange, 200, document, { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=3600' })
}

/** The file in this folder or the nearest one above that has it: sources and built code lie at different depths. */
function find(folder: string): string | null {
  const path = join(folder, FILE)
  if (existsSync(path)) return path
  return dirname(folder) === folder ? null : find(dirname(folder))
}
