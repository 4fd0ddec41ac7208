/**
 * systemd as the watcher of a device. It listens on a datagram socket, which Node cannot speak on, so its own
 * `systemd-notify` does that, once a minute.
 */
import type { Log } from './log.ts'
import type { Watcher } from './watchdog.ts'

const NOTIFY = '/usr/bin/systemd-notify'
const NOTIFY_TIMEOUT_MS = 20_000
const EVERY_MS_MAX = 60_000
const STATUS_LENGTH_MAX = 400

/** What systemd tells a service that it watches. @see sd_watchdog_enabled(3) */
export interface ServiceEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined
  readonly WATCHDOG_USEC?: string | undefined
  readonly WATCHDOG_PID?: string | undefined
}

/**
 * The watcher that systemd set up for this process (`WatchdogSec=` of its unit).
 * @param pid - of this process: a watchdog that is another's is left alone
 * @returns null when this is no service, or one without a watchdog
 */
export function systemdWatcher(
  environment: ServiceEnvironment,
  pid: number,
  log: Log,
  notify = NOTIFY,
): Watcher | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: meant } = environment
  if (!socket || !microseconds || (meant && meant !== String(pid))) return null
  const timeoutMs = Number(microseconds) / 1_000
  if (!(timeoutMs >= 1)) return null
  let complained = false
  return {
    everyMs: Math.min(EVERY_MS_MAX, timeoutMs / 3),
    alive: status => {
      const words = [`--status=${status.replaceAll(/\s+/g, ' ').slice(0, STATUS_LENGTH_MAX)}`, 'WATCHDOG=1']
      const { execFile } = process.getBuiltinModule('node:child_process')
      execFile(notify, words, { env: { NOTIFY_SOCKET: socket }, timeout: NOTIFY_TIMEOUT_MS }, error => {
        if (error === null || complained) return
        complained = true
        log({ level: 'warn', event: 'watchdog_unheard', reason: error.message })
      })
    },
  }
}
