/** One JSON request to a coordinator's HTTP interface, with its failures turned into sentences. */
import { HedgerowError, TransportError } from '../protocol/index.ts'

/** A coordinator's "no", with its own code and sentence. */
export class RefusedError extends HedgerowError<{ code: string; status: number }> {}

/** What is asked of the coordinator. */
export interface RequestInit {
  readonly method: 'GET' | 'POST'
  /** With a leading slash. */
  readonly path: string
  readonly token: string
  readonly body?: unknown
}

/**
 * Sends a request and gives the response when it is a success.
 * @throws {TransportError} `unreachable`; {@link RefusedError} with the coordinator's code and sentence
 */
export async function request(httpUrl: string, init: RequestInit): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${init.token}` }
  if (init.body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(`${httpUrl.replace(/\/+$/, '')}${init.path}`, {
      method: init.method,
      headers,
      body: init.body === undefined ? null : JSON.stringify(init.body),
    })
  } catch (cause) {
    throw untrusted(httpUrl, cause) ?? unreachable(httpUrl, cause)
  }
  if (!response.ok) throw await refusal(httpUrl, response)
  return response
}

/** {@link request}, and the response's JSON. */
export async function requestJson<Reply>(httpUrl: string, init: RequestInit): Promise<Reply> {
  const response = await request(httpUrl, init)
  try {
    return (await response.json()) as Reply
  } catch (cause) {
    throw badResponse(httpUrl, response.status, cause)
  }
}

async function refusal(httpUrl: string, response: Response): Promise<Error> {
  const { status } = response
  try {
    const { error } = (await response.json()) as { error: { code: unknown; message: unknown } }
    return new RefusedError({ code: String(error.code), status }, String(error.message))
  } catch (cause) {
    return badResponse(httpUrl, status, cause)
  }
}

/** Why TLS did not come about; null when it was not TLS that failed. */
function untrusted(address: string, thrown: unknown): TransportError | null {
  const cause = thrown instanceof Error ? thrown.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const reason = TLS_REASONS.find(([pattern]) => pattern.test(code))?.[1]
  if (reason === undefined) return null
  const message = `What answers at ${address} cannot be trusted: ${reason}.`
  return new TransportError({ code: 'untrusted', address, reason: code }, message, { cause: thrown })
}

/** By what Node and OpenSSL call it. */
const TLS_REASONS: readonly (readonly [RegExp, string])[] = [
  [/ALTNAME/, 'its certificate is for another address; start the coordinator with --public-host and this one'],
  [/EXPIRED|NOT_YET_VALID/, 'its certificate is not valid at this time, or the clock here is wrong'],
  [
    /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)|SIGNATURE|INVALID_CA/,
    "its certificate's authority is not known here; name the region's certificate file in HEDGEROW_CA",
  ],
  [/^ERR_SSL_|^EPROTO$/, 'it does not speak TLS as it should; is its address one with http://'],
]

function unreachable(address: string, cause: unknown): TransportError {
  const message = `No coordinator answers at ${address}: start it with 'hedgerow up', or check the address.`
  return new TransportError({ code: 'unreachable', address }, message, { cause })
}

function badResponse(address: string, status: number, cause: unknown): TransportError {
  const message = `What answers at ${address} is not a coordinator (HTTP status ${status}): check the address.`
  return new TransportError({ code: 'bad_response', address, status }, message, { cause })
}
