/** `/witness/…`: other regions have their logs watched here, by C2SP tlog-witness. */
import { ADD_CHECKPOINT_LENGTH_MAX, fromUtf8 } from '../../protocol/index.ts'
import type { WitnessServer } from '../settlement/index.ts'
import { ApiError } from './admin-api.ts'
import { readBytes } from './bytes-body.ts'
import { type Exchange, refuseMethod } from './exchange.ts'

export interface WitnessRoutesComponents {
  witness: WitnessServer
}

/** Where the witness is: the submission and the monitoring prefix of the specification. */
export const WITNESS_PATH = '/witness/'

const TOO_LONG = 'send a checkpoint without the cosignatures of others'
const CHECKPOINT = /^([0-9a-f]{64})\/checkpoint$/

/** Answers one request for a path below `/witness/`. */
export async function serveWitness({ witness }: WitnessRoutesComponents, exchange: Exchange): Promise<void> {
  const { req, res, path } = exchange
  res.setHeader('access-control-allow-origin', '*')
  const name = path.slice(WITNESS_PATH.length)
  if (name === 'add-checkpoint') {
    if (req.method !== 'POST') refuseMethod(exchange, ['POST'])
    const answer = await witness.addCheckpoint(textOf(await readBytes(exchange, ADD_CHECKPOINT_LENGTH_MAX, TOO_LONG)))
    return send(exchange, answer.status, answer.mediaType, answer.body)
  }
  const hash = CHECKPOINT.exec(name)?.[1]
  if (hash === undefined) throw nothingThere()
  if (req.method !== 'GET' && req.method !== 'HEAD') refuseMethod(exchange, ['GET', 'HEAD'])
  const note = witness.checkpointOf(hash)
  if (note === null) throw new ApiError('not_found', 'No checkpoint of a log with this origin was cosigned here.')
  send(exchange, 200, 'text/plain; charset=utf-8', note)
}

function nothingThere(): ApiError {
  const message =
    'There is nothing here. A witness takes POST /witness/add-checkpoint, and has /witness/<SHA-256 of an origin>/checkpoint.'
  return new ApiError('not_found', message)
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw new ApiError('bad_request', 'The body is not text.', { cause })
  }
}

function send({ req, res }: Exchange, status: number, mediaType: string, text: string): void {
  const bytes = Buffer.from(text)
  res.writeHead(status, {
    'content-type': mediaType,
    'content-length': String(bytes.length),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  res.end(req.method === 'HEAD' ? undefined : bytes)
}
