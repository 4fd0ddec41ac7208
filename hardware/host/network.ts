/** Which way this machine reaches the internet, and how much went that way. Reads `/proc/net` and sysfs, loads nothing. */
import { peek, under } from '../kernel/files.ts'
import { countOf, type HostInit } from './root.ts'

/** Flags of a route, from `linux/route.h`. */
const UP = 0x1
const REJECT = 0x200

/** The network interface of the default route with the smallest metric, IPv4 before IPv6; null when there is none. */
export function readDefaultInterface(init: HostInit = {}): string | null {
  const root = init.root ?? '/'
  return byMetric(routes(root, 'proc/net/route', ipv4)) ?? byMetric(routes(root, 'proc/net/ipv6_route', ipv6))
}

/** Bytes that an interface sent and received since it came up; null when it is not there. */
export function readTrafficBytes(name: string, init: HostInit = {}): number | null {
  const folder = under(init.root ?? '/', 'sys/class/net', name, 'statistics')
  const received = countOf(peek(under(folder, 'rx_bytes')))
  const sent = countOf(peek(under(folder, 'tx_bytes')))
  return received === null || sent === null ? null : received + sent
}

interface DefaultRoute {
  readonly interface: string
  readonly metric: number
}

function routes(root: string, path: string, read: (fields: string[]) => DefaultRoute | null): DefaultRoute[] {
  const lines = (peek(under(root, path)) ?? '').split('\n')
  return lines.flatMap(line => read(line.trim().split(/\s+/)) ?? [])
}

/** Iface, Destination, Gateway, Flags, RefCnt, Use, Metric, Mask; numbers in hexadecimal but for the metric. */
function ipv4(fields: string[]): DefaultRoute | null {
  const [name, destination, , flags, , , metric, mask] = fields
  if (name === undefined || destination !== '00000000' || mask !== '00000000') return null
  return (Number.parseInt(flags ?? '', 16) & UP) === 0 ? null : { interface: name, metric: Number(metric) }
}

/** Destination, its prefix, source, its prefix, next hop, metric, references, use, flags, interface; all in hexadecimal. */
function ipv6(fields: string[]): DefaultRoute | null {
  const [destination, prefix, , , , metric, , , flags, name] = fields
  if (name === undefined || name === 'lo' || prefix !== '00' || !/^0{32}$/.test(destination ?? '')) return null
  const bits = Number.parseInt(flags ?? '', 16)
  if ((bits & UP) === 0 || (bits & REJECT) !== 0) return null
  return { interface: name, metric: Number.parseInt(metric ?? '', 16) }
}

function byMetric(found: readonly DefaultRoute[]): string | null {
  const [best] = found.toSorted((left, right) => left.metric - right.metric)
  return best?.interface ?? null
}
