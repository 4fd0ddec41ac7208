/** A copy of the database while it is being written to. The coordinator holds its file alone, so nobody else could make one. */
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A whole, consistent copy of the database beside it. */
export interface DatabaseSnapshot {
  /** Whoever asked takes it away; the next one replaces it. */
  readonly path: string
  readonly bytes: number
  /** Entries of the public log that it holds. */
  readonly entries: number
}

export interface SnapshotPorts {
  /** Copies the database into a new file; the rows that come meanwhile may or may not be in it. */
  snapshot(path: string): Promise<void>
  entryCount(): number
}

/** Makes snapshots in the coordinator's folder, one at a time. */
export function createSnapshots(
  { snapshot, entryCount }: SnapshotPorts,
  stateDir: string,
): () => Promise<DatabaseSnapshot> {
  const path = join(stateDir, 'ledger-snapshot.sqlite')
  let last: Promise<unknown> = Promise.resolve()
  const make = async (): Promise<DatabaseSnapshot> => {
    const draft = `${path}.new`
    await rm(draft, { force: true })
    const entries = entryCount()
    await snapshot(draft)
    const file = await open(draft, 'r+')
    try {
      await file.chmod(0o600)
      await file.sync()
      const { size } = await file.stat()
      await rename(draft, path)
      return { path, bytes: size, entries }
    } finally {
      await file.close()
    }
  }
  return () => {
    const made = last.then(make, make)
    last = made
    return made
  }
}
