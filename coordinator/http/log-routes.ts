/** `/log/…`: the public log as C2SP tlog-tiles has it, for anybody to read, keep and check. */
import { parseLogPath, TILE_WIDTH, tilePath, tileWidth } from '../../protocol/index.ts'
import type { LogReader, RegionCard } from '../settlement/index.ts'
import { ApiError } from './admin-api.ts'
import { type Exchange, refuseMethod } from './exchange.ts'

export interface LogRoutesComponents {
  /** The checkpoint that is shown; null before the first. */
  checkpoint(): { readonly size: number; readonly note: string } | null
  card(): RegionCard
  reader: Pick<LogReader, 'tile' | 'bundle'>
}

/** Where the log is. */
export const LOG_PATH = '/log/'

const TEXT = 'text/plain; charset=utf-8'
const BYTES = 'application/octet-stream'
const JSON_TYPE = 'application/json'
/** A tile of a width never changes, whole or not. */
const FOR_EVER = 'public, max-age=31536000, immutable'
const NEVER = 'no-cache'

const METHODS = ['GET', 'HEAD', 'OPTIONS']

/** Answers one request for a path below `/log/`. Nothing is shown that the checkpoint does not cover. */
export async function serveLog(components: LogRoutesComponents, exchange: Exchange): Promise<void> {
  const { req, res, path } = exchange
  // Set first, so that refusals have it too.
  res.setHeader('access-control-allow-origin', '*')
  if (req.method === 'OPTIONS') {
    res.writeHead(204, { 'access-control-allow-methods': 'GET, HEAD', 'access-control-max-age': '86400' })
    res.end()
    return
  }
  if (req.method !== 'GET' && req.method !== 'HEAD') refuseMethod(exchange, METHODS)
  const name = path.slice(LOG_PATH.length)
  if (name === 'card') return send(exchange, JSON_TYPE, NEVER, Buffer.from(`${JSON.stringify(components.card())}\n`))
  const what = parseLogPath(name)
  if (what === null) throw nothingThere()
  const shown = components.checkpoint()
  if (shown === null) throw new ApiError('not_found', 'The log has not been signed yet: ask again in a moment.')
  if (what.kind === 'checkpoint') return send(exchange, TEXT, NEVER, Buffer.from(shown.note))
  const { index, width } = what
  const level = what.kind === 'tile' ? what.level : 0
  const { reader } = components
  const bytes =
    what.kind === 'tile' ? reader.tile(level, index, width, shown.size) : reader.bundle(index, width, shown.size)
  if (bytes === null) throw notSoMuch(what.kind, level, index, shown.size)
  send(exchange, BYTES, FOR_EVER, bytes)
}

function send({ req, res }: Exchange, mediaType: string, cacheControl: string, bytes: Uint8Array): void {
  res.writeHead(200, {
    'content-type': mediaType,
    'content-length': String(bytes.length),
    'cache-control': cacheControl,
    'x-content-type-options': 'nosniff',
  })
  res.end(req.method === 'HEAD' ? undefined : bytes)
}

function nothingThere(): ApiError {
  const message =
    'There is nothing here. A log has /log/checkpoint, /log/card, tiles such as /log/tile/0/000 and /log/tile/0/001.p/5, and bundles of ' +
    'entries such as /log/tile/entries/000.'
  return new ApiError('not_found', message)
}

function notSoMuch(kind: 'tile' | 'entries', level: number, index: number, size: number): ApiError {
  const signed = `The log is signed up to ${size} entries`
  const width = tileWidth(level, index, size)
  const place = tilePath(level, index).replace(/^tile\/\d+\//, '')
  const what = kind === 'tile' ? `tile ${place} of level ${level}` : `bundle ${place}`
  const message =
    width === 0
      ? `${signed}, which is before ${what} begins.`
      : `${signed}, with which ${what} has ${width} of ${TILE_WIDTH}: add .p/${width} to its path.`
  return new ApiError('not_found', message)
}
