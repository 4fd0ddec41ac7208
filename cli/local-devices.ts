/** Devices as child processes of this command, each with a folder, a log file and an end when this process ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { assert, type Clock } from '../protocol/index.ts'
import type { Io } from './io.ts'

/** A device finishes what it writes within this time after it was asked to stop; then it is killed. */
const STOP_TIMEOUT_MS = 8_000

/** Carries the claim to a child: other users can read a process's arguments, but not its environment. */
export const CLAIM_VARIABLE = 'HEDGEROW_CLAIM'

/** What a child device starts with. */
export interface LocalDeviceInit {
  /** The device's own folder; made when missing. */
  readonly stateDir: string
  /** An invitation, for a device that has not joined yet. */
  readonly claim?: string
  readonly label: string
  /** More options for `hedgerow device`. */
  readonly extraArgs?: readonly string[]
}

/** A device that runs as a child process. */
export interface LocalDevice {
  readonly label: string
  readonly process: ChildProcess
  readonly pid: number
  readonly logFile: string
  /** Resolves when the process is gone: with its exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
  /** Asks it to stop and waits until it is gone. */
  stop(): Promise<void>
}

/**
 * Starts `hedgerow device` as a child process. Its output goes to `device.log` in its folder. The channel to this process
 * is all that keeps it running: when this process ends in whatever way, the device sees the channel close and stops.
 */
export function startLocalDevice(init: LocalDeviceInit, io: Pick<Io, 'env' | 'clock' | 'entry'>): LocalDevice {
  mkdirSync(init.stateDir, { recursive: true, mode: 0o700 })
  const logFile = join(init.stateDir, 'device.log')
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(
    process.execPath,
    [io.entry, 'device', '--folder', init.stateDir, '--label', init.label, ...(init.extraArgs ?? [])],
    { stdio: ['ignore', log, log, 'ipc'], env: { ...io.env, [CLAIM_VARIABLE]: init.claim ?? '' } },
  )
  closeSync(log)
  const exited = new Promise<number | NodeJS.Signals>(resolve => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 1))
    child.once('error', () => resolve(1))
  })
  assert(child.pid !== undefined, 'the running Node can be started again')
  return {
    label: init.label,
    process: child,
    pid: child.pid,
    logFile,
    exited,
    stop: () => stopChild(child, exited, io.clock),
  }
}

async function stopChild(child: ChildProcess, exited: Promise<unknown>, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const timer = clock.setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await exited
  timer.cancel()
}
