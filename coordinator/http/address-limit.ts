import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { addressKey } from '../broker/address.ts'

/** Cuts connections beyond so many from one address, so that nobody takes them all. */
export function limitPerAddress(server: Server, connectionsMax: number, onRefused: () => void): void {
  const counts = new Map<string, number>()
  server.prependListener('connection', (socket: Socket) => {
    const address = addressKey(socket.remoteAddress ?? '')
    const count = (counts.get(address) ?? 0) + 1
    if (count > connectionsMax) {
      onRefused()
      socket.destroy()
      return
    }
    counts.set(address, count)
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1
      if (left === 0) counts.delete(address)
      else counts.set(address, left)
    })
  })
}
