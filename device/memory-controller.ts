/** What the kernel's memory controller does for this process. Raspberry Pi OS boots with it off, and then `MemoryMax=` of a service is ignored. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export type MemoryController =
  /** The control groups that this process is in may have so much together with everything else in them. */
  | { readonly kind: 'limits'; readonly bytes: number }
  /** It is there, and nobody has set a limit. */
  | { readonly kind: 'unlimited' }
  /** The kernel has control groups, but this controller is switched off. */
  | { readonly kind: 'off' }
  /** No control groups, or not as Linux shows them. */
  | { readonly kind: 'absent' }

/** Where to read; another root stands for a recorded tree in tests. */
export interface MemoryControllerInit {
  /** Default `/`. */
  readonly root?: string
}

const GROUPS = 'sys/fs/cgroup'
/** From here on a limit of the older interface means none: it is 2^63 less a page. */
const NO_LIMIT_BYTES = 2 ** 62

/** Reads what holds at this moment. Never throws. */
export function readMemoryController({ root = '/' }: MemoryControllerInit = {}): MemoryController {
  const membership = read(join(root, 'proc/self/cgroup'))
  if (membership === null) return { kind: 'absent' }
  const controllers = read(join(root, GROUPS, 'cgroup.controllers'))
  if (controllers !== null) {
    if (!controllers.split(/\s+/).includes('memory')) return { kind: 'off' }
    return smallest(join(root, GROUPS), pathOf(membership, /^0::(.*)$/m), 'memory.max')
  }
  // The first version of control groups, each controller in a tree of its own.
  const path = pathOf(membership, /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m)
  return path === null ? { kind: 'off' } : smallest(join(root, GROUPS, 'memory'), path, 'memory.limit_in_bytes')
}

function pathOf(membership: string, line: RegExp): string | null {
  return line.exec(membership)?.[1] ?? null
}

/** A limit holds for all groups below it. */
function smallest(top: string, path: string | null, file: string): MemoryController {
  let bytes = Number.POSITIVE_INFINITY
  for (let group = path ?? '/'; ; group = dirname(group)) {
    const limit = Number(read(join(top, group, file))?.trim() ?? Number.NaN)
    if (limit < bytes && limit < NO_LIMIT_BYTES) bytes = limit
    if (group === '/' || group === '.') break
  }
  return bytes === Number.POSITIVE_INFINITY ? { kind: 'unlimited' } : { kind: 'limits', bytes }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}
