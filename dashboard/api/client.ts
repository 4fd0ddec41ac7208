/** The coordinator's HTTP API, as the page uses it. */
import { HedgerowError } from '../../protocol/index.ts'
import { token } from './session.ts'

/** The coordinator's "no", in its own words; `status` is 0 when it could not be reached. */
export class ApiFailure extends HedgerowError<{ code: string; status: number }> {}

/** What is asked, beside the path. */
export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT'
  /** Sent as JSON, or as it is when it is bytes. */
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** Another token than the one of whoever is signed in. */
  readonly token?: string | null
  /** Statuses of failure whose answer is wanted all the same, such as the 503 of `/ready`. */
  readonly accept?: readonly number[]
}

/**
 * Sends a request to the coordinator that served this page.
 * @throws {ApiFailure}
 */
export async function ask(
  path: string,
  { method = 'GET', body, signal, token: other, accept = [] }: Ask = {},
): Promise<Response> {
  const bearer = other === undefined ? token.value : other
  const headers: Record<string, string> = bearer === null ? {} : { authorization: `Bearer ${bearer}` }
  const isBytes = body instanceof Uint8Array
  if (body !== undefined && !isBytes) headers['content-type'] = 'application/json'
  const sent = isBytes ? new Blob([body as Uint8Array<ArrayBuffer>]) : body === undefined ? null : JSON.stringify(body)
  let response: Response
  try {
    response = await fetch(path, { method, headers, body: sent, signal: signal ?? null, cache: 'no-store' })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new ApiFailure({ code: 'unreachable', status: 0 }, 'The coordinator does not answer: is it running?', {
      cause,
    })
  }
  if (response.ok || accept.includes(response.status)) return response
  throw await failureOf(response)
}

/** {@link ask}, and the answer's JSON. */
export async function askJson<Reply>(path: string, init?: Ask): Promise<Reply> {
  return (await (await ask(path, init)).json()) as Reply
}

/** A path with query parameters; those that are undefined are left out. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? path : `${path}?${query}`
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const { status } = response
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string } }
    return new ApiFailure({ code: error.code, status }, error.message)
  } catch (cause) {
    return new ApiFailure({ code: 'bad_response', status }, `The coordinator answered with status ${status}.`, {
      cause,
    })
  }
}
