/** Under which names a region can be reached, and for which its authority may speak at all. */
import { isIP } from 'node:net'
import type { HostNames } from './types.ts'

/** What this machine and its configuration say. */
export interface NameSources {
  /** Where the coordinator listens. */
  readonly host: string
  /** What devices are told. */
  readonly publicHost: string
  /** The machine's own name. */
  readonly hostname: string
  /** Its network addresses. */
  readonly addresses: readonly string[]
}

const WILDCARDS: readonly string[] = ['0.0.0.0', '::', '']
const LOOPBACK = ['localhost', '127.0.0.1', '::1']
const DNS_NAME = /^(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*$/i

/**
 * Every name in the server's certificate: this machine by itself, and what the network knows it by if it listens there. Of the addresses
 * it happens to have only private ones count: public ones of IPv6 change daily, and whoever means one says so.
 */
export function namesOf({ host, publicHost, hostname, addresses }: NameSources): HostNames {
  const listensEverywhere = WILDCARDS.includes(host)
  const all = [
    ...LOOPBACK,
    publicHost,
    host,
    ...(listensEverywhere
      ? [hostname, `${hostname.replace(/\.local$/, '')}.local`, ...addresses.filter(isPrivate)]
      : []),
  ]
  const names = [
    ...new Set(
      all.map(name =>
        name
          .replace(/^\[|\]$/g, '')
          .replace(/%.*$/, '')
          .toLowerCase(),
      ),
    ),
  ]
  return {
    dns: names.filter(name => isIP(name) === 0 && DNS_NAME.test(name)),
    ips: names.filter(name => isIP(name) !== 0 && !WILDCARDS.includes(name)),
  }
}

/** The networks nobody else's servers are in: RFC 1918, 6598, 3927, 4193, 4291 and loopback. */
const PRIVATE_NETWORKS: readonly (readonly [address: string, bits: number])[] = [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
]

/** Whom an authority may vouch for: RFC 5280 §4.2.1.10. */
export interface PermittedNames {
  /** Each with what is below it. */
  readonly dns: readonly string[]
  /** Address and mask, one after the other. */
  readonly networks: readonly Uint8Array[]
}

/**
 * The names a region's authority may vouch for: its own, and those of private networks. Whoever has it in a browser thus does not trust
 * it for other people's sites.
 */
export function permittedFor({ dns, ips }: HostNames): PermittedNames {
  const publicOnes = ips.filter(ip => !isPrivate(ip)).sort()
  const own = dns.filter(name => name !== 'localhost' && !name.endsWith('.local')).sort()
  return {
    dns: ['localhost', 'local', ...own],
    networks: [...privateNetworks, ...publicOnes.map(ip => network(addressBytes(ip), 128))],
  }
}

function isPrivate(address: string): boolean {
  const bytes = addressBytes(address.replace(/%.*$/, ''))
  return privateNetworks.some(one => isWithin(bytes, one))
}

/** The 4 or 16 bytes of an address. */
export function addressBytes(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.').map(Number))
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const plain = dotted ? `${dotted[1]}${hexPair(dotted[2], dotted[3])}:${hexPair(dotted[4], dotted[5])}` : address
  const [head = '', tail] = plain.split('::')
  const left = groupsOf(head)
  const right = groupsOf(tail ?? '')
  const zeros = new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0)
  return Uint8Array.from([...left, ...zeros, ...right].flatMap(group => [group >> 8, group & 255]))
}

function network(bytes: Uint8Array, bits: number): Uint8Array {
  const mask = bytes.map((_, index) => (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))) & 255)
  return Uint8Array.from([...bytes.map((byte, index) => byte & (mask[index] ?? 0)), ...mask])
}

function isWithin(bytes: Uint8Array, net: Uint8Array): boolean {
  const { length } = bytes
  if (net.length !== length * 2) return false
  return bytes.every((byte, index) => (byte & (net[length + index] ?? 0)) === net[index])
}

const hexPair = (high = '0', low = '0'): string => ((Number(high) << 8) | Number(low)).toString(16)
const groupsOf = (part: string): number[] =>
  part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16))
const privateNetworks = PRIVATE_NETWORKS.map(([address, bits]) => network(addressBytes(address), bits))
