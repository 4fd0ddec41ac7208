/**
 * Backups of a coordinator's folder. A backup folder holds one folder a backup, named by its time, and the blobs of all of them once: they
 * are named by their content and never change.
 */
import { constants } from 'node:fs'
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../../protocol/index.ts'

/** What a coordinator's folder holds beside the database and the blobs. What says nothing about the next start stays behind. */
const SMALL_FILES = ['region.key', 'witness.key', 'payout.key', 'log-head.json'] as const
/** Certificates of a region that makes its own. */
const SMALL_FOLDERS = ['tls'] as const
const DATABASE = 'ledger.sqlite'
const BLOBS = 'blobs'
const MANIFEST = 'backup.json'
const BLOB_FOLDER = /^[0-9a-f]{2}$/
const BLOB_NAME = /^[0-9a-f]{64}$/
const BACKUP_NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/

/** What a backup says of itself. */
export interface BackupManifest {
  /** The form of this file. */
  readonly form: 1
  readonly region: string
  readonly atMs: number
  /** Entries of the public log that it holds at least. */
  readonly entries: number
  readonly databaseBytes: number
}

/** A backup that was made. */
export interface Backup extends BackupManifest {
  readonly folder: string
  readonly blobs: number
  /** Blobs that no earlier backup held. */
  readonly blobsNew: number
  /** Older backups that were deleted. */
  readonly removed: readonly string[]
}

export interface BackupOrder {
  /** The coordinator's folder. */
  readonly stateDir: string
  /** Where backups are kept; made when it is not there. */
  readonly to: string
  readonly nowMs: number
  /** How many backups are kept, this one included; at least 1. */
  readonly keep: number
  /** Leaves a copy of the database at this path. @returns the region's name, and entries of the log in it */
  copyDatabase(path: string): Promise<Pick<BackupManifest, 'region' | 'entries'>>
  /** Called now and then with the number of blobs looked at. */
  progress(blobs: number): void
}

/**
 * Makes a backup. It appears under its name only when all of it is on stable storage.
 * @throws {ConfigError} `not_found` when the folder is no coordinator's
 */
export async function writeBackup(order: BackupOrder): Promise<Backup> {
  const { stateDir, to, nowMs } = order
  if (!(await exists(join(stateDir, DATABASE)))) throw noCoordinator(stateDir)
  const folder = join(
    to,
    new Date(nowMs)
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
      .replaceAll(':', '-'),
  )
  const draft = `${folder}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true, mode: 0o700 })
  // The head first: it never names more than the database that is copied after it.
  for (const name of SMALL_FILES) await copyIfThere(join(stateDir, name), join(draft, name))
  for (const name of SMALL_FOLDERS) await copyFolder(join(stateDir, name), join(draft, name))
  const copied = await order.copyDatabase(join(draft, DATABASE))
  // Blobs last: each that the database names was stored before the row that names it.
  const { blobs, blobsNew } = await copyBlobs(join(stateDir, BLOBS), join(to, BLOBS), order.progress)
  const { size: databaseBytes } = await stat(join(draft, DATABASE))
  const manifest: BackupManifest = { form: 1, atMs: Math.round(nowMs), databaseBytes, ...copied }
  await writeFile(join(draft, MANIFEST), `${JSON.stringify(manifest)}\n`, { mode: 0o600 })
  await syncAll(draft)
  await rm(folder, { recursive: true, force: true })
  await rename(draft, folder)
  await sync(to)
  const removed = (await backupsIn(to)).slice(0, -order.keep)
  for (const name of removed) await rm(join(to, name), { recursive: true })
  return { ...manifest, folder, blobs, blobsNew, removed }
}

/** Names of the backups in a folder, the oldest first. */
export async function backupsIn(to: string): Promise<string[]> {
  return (await readdir(to).catch(() => [])).filter(name => BACKUP_NAME.test(name)).sort()
}

/**
 * Lays a backup out as a coordinator's folder.
 * @param from - a backup, or a folder of backups, of which the newest is taken
 * @param stateDir - made; nothing may be there yet
 * @throws {ConfigError} `not_found`, `damaged`, or `bad_option` when there is a coordinator's folder already
 */
export async function restoreBackup(
  from: string,
  stateDir: string,
  progress: (blobs: number) => void,
): Promise<BackupManifest> {
  const newest = (await backupsIn(from)).at(-1)
  const folder = newest === undefined ? from : join(from, newest)
  const manifest = await readManifest(folder)
  if ((await readdir(stateDir).catch(() => [])).length > 0) {
    const reason = 'there is something in it already'
    const message = `Nothing is restored into ${stateDir}: ${reason}. Name an empty folder with --state, or move that one away.`
    throw new ConfigError({ code: 'bad_option', path: stateDir, reason }, message)
  }
  const draft = `${stateDir}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true, mode: 0o700 })
  for (const name of [...SMALL_FILES, DATABASE]) await copyIfThere(join(folder, name), join(draft, name))
  for (const name of SMALL_FOLDERS) await copyFolder(join(folder, name), join(draft, name))
  await copyBlobs(join(folder, '..', BLOBS), join(draft, BLOBS), progress)
  await syncAll(draft)
  await rm(stateDir, { recursive: true, force: true })
  await rename(draft, stateDir)
  return manifest
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const path = join(folder, MANIFEST)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const message = `There is no backup in ${folder}: name the folder that 'hedgerow backup' wrote to, or one of the folders in it.`
    throw new ConfigError({ code: 'not_found', path }, message, { cause })
  }
  try {
    const manifest = JSON.parse(text) as BackupManifest
    if (manifest.form === 1 && typeof manifest.region === 'string') return manifest
  } catch {
    // Told below, with the same words as any other damage.
  }
  const reason = 'it is not what a backup says of itself'
  throw new ConfigError(
    { code: 'damaged', path, reason },
    `The backup in ${folder} cannot be used: ${reason}. Take another one.`,
  )
}

async function copyBlobs(
  from: string,
  to: string,
  progress: (blobs: number) => void,
): Promise<{ blobs: number; blobsNew: number }> {
  let blobs = 0
  let blobsNew = 0
  for (const prefix of (await readdir(from).catch(() => [])).filter(name => BLOB_FOLDER.test(name))) {
    await mkdir(join(to, prefix), { recursive: true, mode: 0o700 })
    const known = new Set(await readdir(join(to, prefix)))
    for (const name of (await readdir(join(from, prefix))).filter(name => BLOB_NAME.test(name))) {
      blobs++
      if (!known.has(name) && (await copyIfThere(join(from, prefix, name), join(to, prefix, name)))) blobsNew++
      if (blobs % 64 === 0) progress(blobs)
    }
  }
  return { blobs, blobsNew }
}

/** Under another name first, so that a copy that was broken off is none. @returns whether there was something to copy */
async function copyIfThere(from: string, to: string): Promise<boolean> {
  const draft = `${to}.new`
  try {
    await copyFile(from, draft, constants.COPYFILE_FICLONE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  await sync(draft)
  await rename(draft, to)
  return true
}

async function copyFolder(from: string, to: string): Promise<void> {
  const names = await readdir(from).catch(() => null)
  if (names === null) return
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const name of names) await copyIfThere(join(from, name), join(to, name))
}

async function syncAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncAll(join(folder, entry.name))
    else await sync(join(folder, entry.name))
  }
  await sync(folder)
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

function noCoordinator(stateDir: string): ConfigError {
  const message = `There is no coordinator's database in ${stateDir}: name the region's folder with --state.`
  return new ConfigError({ code: 'not_found', path: stateDir }, message)
}
