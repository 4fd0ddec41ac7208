/** What Linux says of connections and descriptors. */
import { readFileSync } from 'node:fs'

const ESTABLISHED = '01'
/** 127.0.0.1 as the kernel writes it. */
const LOOPBACK = '0100007F'

/** Connections of a server on 127.0.0.1 that are established, as the kernel counts them. */
export function establishedAt(port: number): number {
  const wanted = `${LOOPBACK}:${port.toString(16).toUpperCase().padStart(4, '0')}`
  // The kernel writes the table in pieces, so a connection may stand in it twice.
  const peers = new Set<string>()
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n')) {
    const [, local, peer, state] = line.trim().split(/\s+/)
    if (state === ESTABLISHED && local === wanted && peer !== undefined) peers.add(peer)
  }
  return peers.size
}

/** Files that a process may have open; Node raises its own limit to this one at its start. */
export function descriptorsMax(): number {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit)
}
