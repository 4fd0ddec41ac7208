/** What checks of both kinds ask of this machine and of the network. */
import { connect, isIP } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import type { ClockPorts } from '../hardware/host/doctor/index.ts'
import type { Finding } from '../protocol/index.ts'
import type { Io } from './io.ts'

/** The real machine; tests of single checks use recorded trees instead. */
export const ROOT = '/'
const TIMEOUT_MS = 5_000
const TEXT_BYTES_MAX = 65_536

/**
 * Node, clock and board of this machine.
 * @param httpUrl - a coordinator elsewhere whose clock is compared; null for none
 */
export async function machineFindings(io: Io, httpUrl: string | null): Promise<Finding[]> {
  const { checkBoard, checkClock, checkNode } = await import('../hardware/host/doctor/index.ts')
  const { runCommand: run } = await import('../hardware/host/run-command.ts')
  const remote: ClockPorts['remote'] = async () => (httpUrl === null ? null : remoteClock(io, httpUrl))
  return [
    ...checkNode(process.versions.node),
    ...(await checkClock({ root: ROOT, run, wallMs: () => io.clock.wallMs(), remote })),
    ...(await checkBoard({ root: ROOT, run })),
  ]
}

/** The folder of a program, and the name of its service. */
export interface ProgramFolder {
  readonly folder: string
  readonly secrets: readonly string[]
  readonly others: readonly string[]
  readonly unit: string
}

/** Disk, permissions and service of a program with its folder. */
export async function folderFindings(io: Io, { folder, secrets, others, unit }: ProgramFolder): Promise<Finding[]> {
  const { checkDisk, checkFiles, checkService } = await import('../hardware/host/doctor/index.ts')
  const { runCommand: run } = await import('../hardware/host/run-command.ts')
  return [
    ...checkDisk({ root: ROOT, folder, monotonicMs: () => io.clock.monotonicMs() }),
    ...checkFiles({ folder, secrets, others, uid: process.getuid?.() ?? null }),
    ...(await checkService({ run, unit })),
  ]
}

/** Reads a small text over HTTP. */
export async function getText(url: string): Promise<{ status: number; text: string; date: string | null }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' })
  const text = (await response.text()).slice(0, TEXT_BYTES_MAX)
  return { status: response.status, text, date: response.headers.get('date') }
}

/** Opens a connection and ends it. */
export function touch(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS })
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
    socket.once('timeout', () => socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })))
    socket.once('error', reject)
  })
}

/** When the certificate that an `https://` address shows ends, in wall time; null without TLS, or when nothing is shown. */
export function certificateEnds(url: string): Promise<number | null> {
  const { protocol, hostname, port } = new URL(url)
  if (protocol !== 'https:') return Promise.resolve(null)
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise(resolve => {
    // Only looked at: whoever connects judges it.
    const named = isIP(host) === 0 ? { servername: host } : {}
    const socket = connectSecurely({
      host,
      port: Number(port || 443),
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
      ...named,
    })
    const end = (endsMs: number | null) => {
      socket.destroy()
      resolve(endsMs)
    }
    socket.once('secureConnect', () => end(Date.parse(socket.getPeerX509Certificate()?.validTo ?? '') || null))
    socket.once('timeout', () => end(null))
    socket.once('error', () => end(null))
  })
}

/** Whether a process of this number runs, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function remoteClock({ clock }: Io, httpUrl: string): ReturnType<ClockPorts['remote']> {
  const startedMs = clock.monotonicMs()
  try {
    const { date } = await getText(`${httpUrl}/health`)
    const wallMs = Date.parse(date ?? '')
    return Number.isNaN(wallMs) ? null : { wallMs, elapsedMs: clock.monotonicMs() - startedMs }
  } catch {
    return null
  }
}
