/**
 * The serial ports of this machine, read from the kernel's files. The library's own list starts the program `udevadm`, which slim containers
 * do not have, and names ports by numbers that change when another is plugged in.
 */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** A port that a sensor may be on. */
export interface SerialPortInfo {
  /** Such as `/dev/ttyUSB0`; may name another port after the next start. */
  readonly path: string
  /** The name to write into a configuration: by the adapter's serial number where it has one, by its socket where it has not. */
  readonly stablePath: string
  /** `usb` for adapters; `uart` for pins of the board. */
  readonly kind: 'usb' | 'uart'
  /** Four hexadecimal digits each; null for a port on the board. */
  readonly vendorId: string | null
  readonly productId: string | null
  /** What the adapter says of itself; null when it says nothing. */
  readonly manufacturer: string | null
  readonly product: string | null
  readonly serial: string | null
}

const TTYS = 'sys/class/tty'
const BY_ID = 'dev/serial/by-id'
const BY_PATH = 'dev/serial/by-path'
/** Names that a Raspberry Pi gives the port on its pins. */
const PIN_ALIASES = ['dev/serial0', 'dev/serial1']
/** Kernel names of ports that sensors are on: USB adapters, USB modems such as Arduinos, and UARTs of boards and PCs. */
const PORT_NAMES = /^tty(USB|ACM|AMA|S|SC|THS|O|mxc|PS|SAC|FIQ|HS|LP)\d+$/
/** A USB port lies a few folders below the folder of its adapter. */
const CLIMB_MAX = 8

/**
 * Lists the ports there are, by their path.
 * @param root - `/`, or a recorded tree in tests
 */
export function listSerialPorts(root = '/'): SerialPortInfo[] {
  const byId = linksIn(root, BY_ID)
  const byPath = linksIn(root, BY_PATH)
  const aliases = new Map(PIN_ALIASES.flatMap(path => linkOf(root, path)))
  return list(join(root, TTYS))
    .filter(name => PORT_NAMES.test(name) && exists(join(root, TTYS, name, 'device')) && !isAbsent(root, name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map(name => {
      const adapter = adapterOf(root, name)
      const id = byId.get(name)
      const socket = byPath.get(name)
      // Two adapters of a kind without serial numbers have one name by id, which is the last one's.
      const isUnmistakable = adapter !== null && readText(join(adapter, 'serial')) !== null
      const stable = isUnmistakable ? (id ?? socket) : (socket ?? id)
      return {
        path: `/dev/${name}`,
        stablePath: `/${stable ?? aliases.get(name) ?? `dev/${name}`}`,
        kind: adapter === null ? 'uart' : 'usb',
        vendorId: adapter && readText(join(adapter, 'idVendor')),
        productId: adapter && readText(join(adapter, 'idProduct')),
        manufacturer: adapter && readText(join(adapter, 'manufacturer')),
        product: adapter && readText(join(adapter, 'product')),
        serial: adapter && readText(join(adapter, 'serial')),
      }
    })
}

/** PCs have the files of four UARTs whether or not there is a chip; its type is 0 then. */
function isAbsent(root: string, name: string): boolean {
  return readText(join(root, TTYS, name, 'type')) === '0'
}

/** The folder of the USB device that a port belongs to; null for one on the board. */
function adapterOf(root: string, name: string): string | null {
  let folder = realpathSync(join(root, TTYS, name, 'device'))
  for (let climbed = 0; climbed < CLIMB_MAX; climbed++) {
    if (exists(join(folder, 'idVendor'))) return folder
    folder = dirname(folder)
  }
  return null
}

/** Kernel names of ports by what links to them in a folder, as paths from the root. */
function linksIn(root: string, folder: string): Map<string, string> {
  return new Map(list(join(root, folder)).flatMap(link => linkOf(root, join(folder, link))))
}

function linkOf(root: string, path: string): [name: string, path: string][] {
  try {
    const target = relative(join(realpathSync(root), 'dev'), realpathSync(join(root, path)))
    return [[target, path]]
  } catch {
    return []
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

/** A kernel file without its newline; null when it is not there or empty. */
function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null
  } catch {
    return null
  }
}
