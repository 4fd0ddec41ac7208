import { type ChildProcessWithoutNullStreams, type StdioOptions, spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'

/** Bit of a descriptor's flags, as Linux shows them in octal: it is closed when another program starts. */
const CLOSE_ON_EXEC = 0o2000000

/**
 * Starts a process in a group of its own, without environment, and with three pipes and no other descriptor. What Node opens is closed in
 * children, but what this process itself was left by whoever started it is not; the child finds /dev/null in its place.
 */
export function spawnAlone([file, ...args]: readonly [string, ...string[]]): ChildProcessWithoutNullStreams {
  const inherited = inheritedDescriptors()
  const options = { env: {}, detached: true }
  if (inherited.length === 0) return spawn(file, args, { ...options, stdio: 'pipe' })
  const nothing = openSync('/dev/null', 'r')
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe']
  for (let fd = 3; fd <= Math.max(...inherited); fd++) stdio[fd] = inherited.includes(fd) ? nothing : 'ignore'
  try {
    return spawn(file, args, { ...options, stdio }) as ChildProcessWithoutNullStreams
  } finally {
    closeSync(nothing)
  }
}

/** Descriptors above the standard three that a child would be born with; none where the system does not tell. */
function inheritedDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fdinfo').map(Number).filter(isInherited)
  } catch {
    return []
  }
}

function isInherited(fd: number): boolean {
  if (fd < 3) return false
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '0'
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0
  } catch {
    // It was the one that the folder was read with.
    return false
  }
}
