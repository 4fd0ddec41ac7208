/** HTTP requests that believe a region's own TLS authority, which `fetch` cannot be told about. */

/** As much of `fetch` as this library uses. */
export type Fetch = (address: string, init: RequestInit) => Promise<Response>

/** Answers that have no body: https://fetch.spec.whatwg.org/#null-body-status */
const BODILESS: readonly number[] = [204, 205, 304]

/**
 * The platform's `fetch`, or in Node one that believes only this authority.
 * @param ca - its certificate, PEM. Browsers have their own list, and this says nothing to them
 */
export function fetchFor(ca: string | undefined): Fetch {
  // Not in a browser, which is also why nothing of Node is imported here.
  const isNode = typeof process !== 'undefined' && 'getBuiltinModule' in process
  return ca === undefined || !isNode ? fetch : nodeFetch(ca)
}

function nodeFetch(ca: string): Fetch {
  const https = process.getBuiltinModule('node:https')
  const { Readable } = process.getBuiltinModule('node:stream')
  const agent = new https.Agent({ ca, keepAlive: true })
  return async (address, init) => {
    if (!address.startsWith('https:')) return fetch(address, init)
    // It knows the lengths and types of bodies; the stream of its own is what is sent.
    const { method, headers, body } = new Request(address, { ...init, ...(init.body ? { duplex: 'half' } : {}) })
    const length = lengthOf(init.body)
    if (length !== null && !headers.has('content-length')) headers.set('content-length', String(length))
    return new Promise((resolve, reject) => {
      const outgoing = https.request(address, { method, headers: Object.fromEntries(headers), agent }, incoming => {
        const status = incoming.statusCode ?? 0
        const empty = method === 'HEAD' || BODILESS.includes(status)
        if (empty) incoming.resume()
        const answer = empty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array<ArrayBuffer>>)
        resolve(new Response(answer, { status, headers: pairsOf(incoming.rawHeaders) }))
      })
      outgoing.on('error', reject)
      if (body === null) outgoing.end()
      else
        Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0])
          .on('error', reject)
          .pipe(outgoing)
    })
  }
}

function lengthOf(body: RequestInit['body']): number | null {
  if (body instanceof Blob) return body.size
  return body instanceof Uint8Array ? body.length : null
}

/** Node's flat list of names and values, in pairs. */
function pairsOf(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as [string, string]] : []))
}
