import { once } from 'node:events'
import type { StreamReply } from './api-route.ts'
import type { Exchange } from './exchange.ts'

/** Writes a reply as it is made, no faster than it is read. */
export async function sendStream({ res }: Exchange, { mediaType, chunks }: StreamReply): Promise<void> {
  res.writeHead(200, { 'content-type': mediaType, 'cache-control': 'private, no-cache' })
  for (const chunk of chunks) {
    if (res.destroyed) return
    if (!res.write(chunk)) await Promise.race([once(res, 'drain'), once(res, 'close')])
  }
  res.end()
}
