import { request } from 'node:http'
import { connect } from 'node:net'

/** An answer, read to its end. */
export interface HttpAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  json(): unknown
}

/** What to send. A body in pieces goes without an announced size. */
export interface HttpAsk {
  method?: string
  path: string
  headers?: Record<string, string>
  body?: string | Uint8Array | Iterable<Uint8Array>
}

/** Asks a server on this machine, on a connection of its own. */
export async function ask(port: number, { method = 'GET', path, headers = {}, body }: HttpAsk): Promise<HttpAnswer> {
  const whole = typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : null
  const size: Record<string, string> = whole ? { 'content-length': String(whole.length) } : {}
  const req = request({ host: '127.0.0.1', port, method, path, headers: { ...size, ...headers }, agent: false })
  const answered = new Promise<HttpAnswer>((resolve, reject) => {
    req.on('error', reject)
    req.on('response', async res => {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of res) chunks.push(chunk)
      } catch (error) {
        reject(error)
      }
      const bytes = Buffer.concat(chunks)
      resolve({
        status: res.statusCode ?? 0,
        headers: res.headers,
        body: bytes,
        json: () => JSON.parse(bytes.toString()),
      })
    })
  })
  if (whole) req.write(whole)
  else for (const chunk of (body ?? []) as Iterable<Uint8Array>) req.write(chunk)
  req.end()
  return answered
}

/** Sends bytes as they are and returns all that comes back until the server hangs up. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk.toString()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
