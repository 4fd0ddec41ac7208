/** Asks a program of the machine something. */
import { execFile } from 'node:child_process'

/** What a program printed; null when it is not there, failed, or did not end in time. */
export type RunCommand = (command: string, args: readonly string[]) => Promise<string | null>

const TIMEOUT_MS = 5_000
const OUTPUT_BYTES_MAX = 65_536

/** Runs programs of this machine, by their names and without a shell. */
export const runCommand: RunCommand = (command, args) =>
  new Promise(resolve => {
    execFile(command, args, { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX }, (error, stdout) => {
      resolve(error === null ? stdout.trim() : null)
    })
  })
