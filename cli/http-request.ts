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
    throw unreachable(httpUrl, cause)
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

function unreachable(address: string, cause: unknown): TransportError {
  const message = `No coordinator answers at ${address}: start it with 'hedgerow up', or check the address.`
  return new TransportError({ code: 'unreachable', address }, message, { cause })
}

function badResponse(address: string, status: number, cause: unknown): TransportError {
  const message = `What answers at ${address} is not a coordinator (HTTP status ${status}): check the address.`
  return new TransportError({ code: 'bad_response', address, status }, message, { cause })
}
