/** HTTP as the device needs it: one request, a status, and a body read at the reader's pace. */
import type { Agent, IncomingHttpHeaders } from 'node:http'
import { TransportError } from '../../protocol/index.ts'
import type { RegionTrust } from '../link/index.ts'
import { secureAgent } from './secure-agent.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly signal?: AbortSignal | undefined
}

export interface HttpResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Ends early with an error when the connection breaks. Must be read or discarded. */
  readonly body: AsyncIterable<Uint8Array>
  discard(): void
}

/** @throws {TransportError} `unreachable`, `untrusted` or `timeout` */
export type HttpClient = (request: HttpRequest) => Promise<HttpResponse>

/** Longest silence within a transfer. A slow line still moves in this time; a dead one does not. */
const SILENCE_MS = 20_000

/**
 * Node's own client. Not `fetch`, which adds 16 MB to the process where this adds 2.4 MB; and not an import, whose namespace
 * object makes Node load `fetch` all the same.
 * @param trust - whom to believe behind `https://`
 */
export function nodeHttp(trust: RegionTrust): HttpClient {
  let agent: Agent | null = null
  return request => {
    if (!request.url.startsWith('https:')) return send('node:http', request, undefined)
    agent ??= secureAgent(trust, SILENCE_MS)
    return send('node:https', request, agent)
  }
}

function send(name: 'node:http' | 'node:https', request: HttpRequest, agent: Agent | undefined): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(httpFailure(request.url, cause))
    const { method, headers, body, signal } = request
    const options = { method, headers, agent, timeout: SILENCE_MS, ...(signal ? { signal } : {}) }
    const outgoing = process.getBuiltinModule(name).request(request.url, options, incoming => {
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        body: incoming,
        discard: () => incoming.resume().on('error', () => {}),
      })
    })
    outgoing.on('error', fail)
    outgoing.on('timeout', () => {
      const message = `${hostOf(request.url)} was silent for ${SILENCE_MS / 1000} s.`
      outgoing.destroy(new TransportError({ code: 'timeout', address: request.url, timeoutMs: SILENCE_MS }, message))
    })
    outgoing.end(body)
  })
}

/** The failure of a request that got no answer, or of a body that broke off. */
export function httpFailure(url: string, cause: unknown): TransportError {
  if (cause instanceof TransportError) return cause
  const message = `The blob store at ${hostOf(url)} cannot be reached.`
  return new TransportError({ code: 'unreachable', address: url }, message, { cause })
}

/** The answer that a request did not hope for. */
export function httpRefusal(url: string, status: number): TransportError {
  const message = `The blob store at ${hostOf(url)} answers with status ${status}.`
  return new TransportError({ code: 'bad_response', address: url, status }, message)
}

/** Where a blob is, given the address that the region announced. */
export function blobAddress(blobUrl: string, sha256: string): string {
  const base = blobUrl.replace(/\/+$/, '')
  return `${base.endsWith('/blob') ? base : `${base}/blob`}/${sha256}`
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}
