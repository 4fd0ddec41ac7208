/**
 * Loaded into a device before anything else: counts what its HTTP connections receive, heads included, as the sockets see it, and
 * keeps the sum in a file named by the process, so that nobody has to take the device's word for what it fetched.
 */
import { subscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'

const folder = process.env.HEDGEROW_BENCH_BYTES

/** What was counted of each connection so far; one connection carries many answers. */
const counted = new WeakMap<Socket, number>()
let total = 0

if (folder !== undefined) {
  const path = join(folder, String(process.pid))
  subscribe('http.client.response.finish', message => {
    const { response } = message as { response: IncomingMessage }
    const { socket } = response
    response.once('close', () => {
      total += socket.bytesRead - (counted.get(socket) ?? 0)
      counted.set(socket, socket.bytesRead)
      writeFileSync(path, String(total))
    })
  })
}
