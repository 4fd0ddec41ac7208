import type { HttpClient, HttpRequest, HttpResponse } from '../../../device/index.ts'

/** One scripted answer; `breaksOff` ends the body with an error. */
export interface HttpAnswer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array
  readonly breaksOff?: boolean
}

/** An HTTP client that answers from a script, in order; the last answer stays. A thrown error is a server out of reach. */
export function scriptedHttp(...answers: (HttpAnswer | Error | ((request: HttpRequest) => HttpAnswer))[]) {
  const requests: HttpRequest[] = []
  const client: HttpClient = async request => {
    requests.push(request)
    const next = answers.length > 1 ? answers.shift() : answers[0]
    const answer = typeof next === 'function' ? next(request) : next
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer')
    request.signal?.throwIfAborted()
    return responseOf(answer)
  }
  return { client, requests }
}

function responseOf({ status, headers, body, breaksOff }: HttpAnswer): HttpResponse {
  async function* chunks() {
    for (let at = 0; at < (body?.length ?? 0); at += 700) yield body?.subarray(at, at + 700) ?? new Uint8Array(0)
    if (breaksOff) throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
  }
  return { status, headers: headers ?? {}, body: chunks(), discard: () => undefined }
}

/** A server that has this blob and serves ranges of it; `most` bytes an answer, then it breaks off. */
export function rangeServer(
  content: Uint8Array,
  most = Number.POSITIVE_INFINITY,
): (request: HttpRequest) => HttpAnswer {
  return ({ headers }) => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '')
    const start = Number(range?.[1] ?? 0)
    const end = Math.min(content.length, Number(range?.[2] ?? content.length - 1) + 1)
    const sent = Math.min(end, start + most)
    return {
      status: range ? 206 : 200,
      headers: range ? { 'content-range': `bytes ${start}-${end - 1}/${content.length}` } : {},
      body: content.subarray(start, sent),
      breaksOff: sent < end,
    }
  }
}
