/** The programs that run on the machine and the processor time they used. Reads `/proc`, loads nothing. */
import { basename } from 'node:path'
import { list, peek, under } from '../kernel/files.ts'
import { countOf, type HostInit, TICK_MS } from './root.ts'

/** One process. */
export interface Process {
  readonly pid: number
  readonly parentPid: number
  /** The kernel's name of it: its program's, cut to 15 bytes, unless it named itself. */
  readonly name: string
  /** Processor time of all its threads, and of its children that have ended. */
  readonly usedMs: number
}

/** Fields of `/proc/<pid>/stat` after the name, counted from the state. @see proc_pid_stat(5) */
const PARENT = 1
/** User and system time, the process's own and that of children it waited for. */
const TIMES = [11, 12, 13, 14]

/** Every process this one may see; null where there is no `/proc`. One that ends meanwhile is left out. */
export function readProcesses(init: HostInit = {}): readonly Process[] | null {
  const folder = under(init.root ?? '/', 'proc')
  const pids = list(folder).filter(name => /^\d+$/.test(name))
  if (pids.length === 0) return null
  return pids.flatMap(pid => processOf(Number(pid), peek(under(folder, pid, 'stat'))) ?? [])
}

/**
 * Processor time that a process and everything it started have used so far. It never goes back while the process runs: what
 * an ended child used is its parent's.
 */
export function treeUsedMs(processes: readonly Process[], rootPid: number): number {
  const childrenOf = Map.groupBy(processes, ({ parentPid }) => parentPid)
  const tree = processes.filter(({ pid }) => pid === rootPid)
  // The list grows while it is walked, until it holds the whole tree.
  for (const { pid } of tree) tree.push(...(childrenOf.get(pid) ?? []))
  return tree.reduce((sum, { usedMs }) => sum + usedMs, 0)
}

/**
 * The name a process was started by, such as `kodi.bin`, which is longer than the kernel's and other than it for programs that
 * name themselves. Empty for kernel threads; null for one that has gone.
 */
export function readCommandName(pid: number, init: HostInit = {}): string | null {
  const text = peek(under(init.root ?? '/', 'proc', String(pid), 'cmdline'))
  return text === null ? null : basename(text.split('\0', 1)[0] ?? '')
}

function processOf(pid: number, stat: string | null): Process | null {
  // The name may hold anything, spaces and brackets too.
  const end = stat?.lastIndexOf(')') ?? -1
  if (stat === null || end < 0) return null
  const fields = stat.slice(end + 2).split(' ')
  const parentPid = countOf(fields[PARENT])
  const ticks = TIMES.map(field => countOf(fields[field]))
  if (parentPid === null || ticks.includes(null)) return null
  const usedMs = ticks.reduce<number>((sum, count) => sum + (count ?? 0), 0) * TICK_MS
  return { pid, parentPid, name: stat.slice(stat.indexOf('(') + 1, end), usedMs }
}
