/** How the operator's commands on this machine find a running coordinator. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface AdminFile {
  region: string
  mqttUrl: string
  /** As this machine reaches it, which may not be what devices are told. */
  httpUrl: string
  /** PEM: the authority behind both addresses when it is the region's own; null otherwise. */
  caPem: string | null
  adminToken: string
  pid: number
}

/**
 * Writes `admin.json` into the coordinator's folder, for its user only. It appears whole or not at all: a command may be
 * waiting for it.
 * @returns takes it away again
 */
export function publishAdminFile(stateDir: string, content: AdminFile): () => void {
  const path = join(stateDir, 'admin.json')
  const temporary = `${path}.new`
  rmSync(temporary, { force: true })
  writeFileSync(temporary, `${JSON.stringify(content)}\n`, { mode: 0o600 })
  renameSync(temporary, path)
  return () => rmSync(path, { force: true })
}
