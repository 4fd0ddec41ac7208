/** Tells other programs of the owner's which process is the device of a folder. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const NAME = 'device.pid'

/** Leaves this process's id in a device's folder. A folder that cannot be written gets none. @returns takes it away again */
export function leavePid(stateDir: string): () => void {
  const path = join(stateDir, NAME)
  try {
    writeFileSync(path, `${process.pid}\n`, { mode: 0o600 })
  } catch {
    return () => {}
  }
  return () => rmSync(path, { force: true })
}

/** The process that is, or was, the device of a folder; null when none has said so. */
export function devicePid(stateDir: string): number | null {
  try {
    const pid = Number(readFileSync(join(stateDir, NAME), 'utf8').trim())
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null
  } catch {
    return null
  }
}
