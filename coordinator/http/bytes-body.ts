import { concatBytes } from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import { announcedSize, bodyOf, type Exchange } from './exchange.ts'

/**
 * Reads a request's whole body, whether its size was announced or not.
 * @param advice - what to do with a body that is too large, to follow a colon
 * @throws {ApiError} `too_large` beyond `bytesMax`
 */
export async function readBytes(exchange: Exchange, bytesMax: number, advice: string): Promise<Uint8Array> {
  const tooLarge = new ApiError('too_large', `The body has more than ${bytesMax} bytes: ${advice}.`)
  if ((announcedSize(exchange) ?? 0) > bytesMax) throw tooLarge
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of bodyOf(exchange)) {
    bytes += chunk.length
    if (bytes > bytesMax) throw tooLarge
    chunks.push(chunk)
  }
  return concatBytes(...chunks)
}
