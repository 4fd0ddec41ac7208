import { createHash } from 'node:crypto'
import { TransportError } from '../protocol/index.ts'

/** Takes the next piece of what is streamed. */
export type Write = (chunk: Uint8Array) => Promise<void> | void

/**
 * Streams the body of a response and compares its hash at the end.
 * @param what - what it is, as the subject of a sentence
 * @throws {TransportError} `bad_response` when the bytes are not those that were named
 */
export async function streamChecked(response: Response, sha256: string, what: string, write: Write): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of response.body ?? []) {
    hash.update(chunk as Uint8Array)
    await write(chunk as Uint8Array)
  }
  if (hash.digest('hex') === sha256) return
  const message = `${what} was damaged on its way, its SHA-256 differs: try again.`
  throw new TransportError({ code: 'bad_response', address: response.url, status: response.status }, message)
}
