/**
 * What util-linux, which every Debian, Raspberry Pi OS, Ubuntu and Fedora has, lets a process do to another without native code:
 * `setpriv` has the kernel kill it with its parent, `prlimit` has the kernel bound its resources.
 */
import { execFile, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { KernelTools } from './find-kernel-tools.ts'

/**
 * Limits that a sandbox starts with: no file of any size, no core file, which would hold inputs, and few descriptors. Node itself
 * opens about twenty, pipes and event queues.
 */
const LIMITS = ['--fsize=0', '--core=0', '--nofile=64']

/**
 * Whether they do here what {@link confined} asks of them: another system's tools may share their names, and a container may forbid
 * their calls. Takes some milliseconds.
 */
export function kernelToolsWork(tools: KernelTools): boolean {
  const [command, ...args] = confined(tools, [tools.prlimit, '--version'])
  return spawnSync(command, args, { env: {}, stdio: 'ignore' }).status === 0
}

/**
 * The command that starts another one in its own place: killed by the kernel when the thread that starts it ends, never to gain privileges,
 * under {@link LIMITS}.
 */
export function confined({ setpriv, prlimit }: KernelTools, command: readonly string[]): [string, ...string[]] {
  return [setpriv, '--no-new-privs', '--pdeathsig', 'KILL', '--', prlimit, ...LIMITS, '--', ...command]
}

/**
 * Bounds the memory that a process may have from now on: private and writable, whatever it is for. Address space that is only reserved, which V8
 * does by the gigabyte, does not count. Past the bound the kernel refuses, so WebAssembly memory does not grow and V8 ends the process.
 * @returns whether the kernel took it
 */
export function limitData({ prlimit }: KernelTools, pid: number, bytes: number): Promise<boolean> {
  return new Promise(resolve => {
    execFile(prlimit, ['--pid', String(pid), `--data=${bytes}`], { env: {} }, error => resolve(error === null))
  })
}

/** Private writable memory that a process has mapped, in bytes, or null when the system does not tell. */
export function dataBytes(pid: number): Promise<number | null> {
  return statusBytes(pid, 'VmData')
}

/** Resident memory of a process, in bytes, or null when the system does not tell. */
export function residentBytes(pid: number): Promise<number | null> {
  return statusBytes(pid, 'VmRSS')
}

/** The kernel's figures in KiB rather than `statm`'s pages, whose size differs between Raspberry Pis. */
async function statusBytes(pid: number, field: string): Promise<number | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'latin1')
    const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
    return kib === undefined ? null : Number(kib) * 1024
  } catch {
    return null
  }
}

/** Makes a process the first that the kernel kills when the machine runs out of memory. Does nothing where that is not Linux's way. */
export function sacrificeFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000')
  } catch {
    // Elsewhere there is no such file, and a process that has gone already needs none.
  }
}
