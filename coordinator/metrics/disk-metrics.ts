/** How much the coordinator's folder takes, and how much is left beside it. */
import { statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Family, gauge } from './exposition.ts'

/** Bytes that this user may still write to the disk of a folder; null when the folder cannot be asked. */
export function diskFreeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return null
  }
}

/** @param blobBytes - of all blobs, as the store of blobs counts them */
export function diskFamilies(stateDir: string, blobBytes: number): Family[] {
  return [
    ...gauge('hedgerow_ledger_bytes', 'Size of ledger.sqlite.', fileBytes(join(stateDir, 'ledger.sqlite'))),
    ...gauge('hedgerow_blob_bytes', 'Size of all blobs.', blobBytes),
    ...gauge('hedgerow_disk_free_bytes', 'What is left on the disk of the folder.', diskFreeBytes(stateDir)),
  ]
}

function fileBytes(path: string): number | null {
  try {
    return statSync(path).size
  } catch {
    return null
  }
}
