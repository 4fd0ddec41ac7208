import type { Agent } from 'node:http'
import type { Duplex } from 'node:stream'
import { openSecure, type RegionTrust } from '../link/index.ts'

/** What Node's client hands to an agent for a connection that it needs. */
interface Wanted {
  readonly host?: string | null
  readonly hostname?: string | null
  readonly port?: number | string | null
}

/**
 * Connections for `https://`, kept for a while and judged like those of MQTT before anything is asked over them. Node is asked for its
 * client only here, since loading it costs memory.
 */
export function secureAgent(trust: RegionTrust, timeoutMs: number): Agent {
  const { Agent: HttpsAgent } = process.getBuiltinModule('node:https')
  const agent = new HttpsAgent({ keepAlive: true })
  const open = (wanted: Wanted, done: (error: Error | null, socket?: Duplex) => void): undefined => {
    const host = (wanted.hostname ?? wanted.host ?? 'localhost').replace(/^\[|\]$/g, '')
    const port = Number(wanted.port ?? 443)
    openSecure({ address: `https://${wanted.host ?? host}:${port}`, host, port, timeoutMs }, trust).then(
      socket => done(null, socket),
      (error: Error) => done(error),
    )
  }
  // The one door that an agent opens connections by; the caller is given them later.
  agent.createConnection = open as unknown as typeof agent.createConnection
  return agent
}
