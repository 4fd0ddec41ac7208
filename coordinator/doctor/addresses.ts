/** Do the two servers listen, and can devices reach them by the addresses that they are told? */
import { broken, type Finding, warning, well } from '../../protocol/index.ts'

/** Where a coordinator says that it is. */
export interface Addresses {
  readonly mqttUrl: string
  readonly httpUrl: string
}

export interface AddressesPorts {
  /** Of a coordinator that runs; null when none does. */
  readonly running: Addresses | null
  /** Ports that a coordinator that does not run will want, with what for. */
  readonly wanted: readonly { readonly name: string; readonly port: number }[]
  /** Opens a connection and ends it. @throws {Error} with a code */
  connect(host: string, port: number): Promise<void>
}

const LOOPBACK = /^(localhost|127\.|::1$|\[::1\]$)/

export async function checkAddresses({ running, wanted, connect }: AddressesPorts): Promise<Finding[]> {
  if (running === null) return Promise.all(wanted.map(one => free(one, connect)))
  const names = [
    ['broker', running.mqttUrl],
    ['http', running.httpUrl],
  ] as const
  const found = await Promise.all(names.map(([check, url]) => reached(check, url, connect)))
  const host = new URL(running.httpUrl).hostname
  if (!LOOPBACK.test(host)) return found
  const says = `Devices are told to come to ${host}, which is each machine itself: only devices of this machine can join.`
  return [
    ...found,
    warning(
      'address',
      says,
      'Start it for your network: hedgerow up --host 0.0.0.0 --public-host followed by this machine’s address, which this shows: hostname -I.',
    ),
  ]
}

async function reached(check: string, url: string, connect: AddressesPorts['connect']): Promise<Finding> {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  try {
    await connect(host, Number(port || DEFAULT_PORTS[protocol]))
    return well(check, `${url} can be reached from this machine.`)
  } catch (error) {
    const says = `${url}, where devices are told to go, cannot be reached from this machine (${codeOf(error)}).`
    return broken(
      check,
      says,
      `See that --public-host is an address of this machine (hostname -I), and that the firewall lets the port in: sudo ufw allow ${port}/tcp.`,
    )
  }
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'http:': 80, 'https:': 443 }

/** A port that somebody else answers on cannot be listened on. */
async function free(
  { name, port }: AddressesPorts['wanted'][number],
  connect: AddressesPorts['connect'],
): Promise<Finding> {
  try {
    await connect('127.0.0.1', port)
  } catch {
    return well('ports', `Port ${port}, for ${name}, is free.`)
  }
  const says = `Another program has port ${port}, which the coordinator wants for ${name}.`
  return broken(
    'ports',
    says,
    `See which: sudo ss -ltnp 'sport = :${port}'. A stock broker is stopped with: sudo systemctl disable --now mosquitto.`,
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
