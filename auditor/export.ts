/** Copies a log into a folder in the layout of C2SP tlog-tiles, so that any file server can offer it and anybody can keep it. */
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  ConfigError,
  entriesPath,
  parseCheckpoint,
  parseNote,
  TILE_WIDTH,
  tilePath,
  tileWidth,
  utf8,
} from '../protocol/index.ts'
import { AHEAD, type LogSource } from './source.ts'
import { inOrder } from './tree/ahead.ts'

/** How far an export is. */
export interface ExportProgress {
  /** Files written or found, and how many there are. */
  readonly files: number
  readonly filesTotal: number
}

/** What an export came to. */
export interface ExportResult {
  /** Entries that the exported checkpoint covers. */
  readonly entries: number
  readonly files: number
  /** Files that were not there before. */
  readonly written: number
}

/** One file of the layout. */
interface Part {
  readonly path: string
  read(): Promise<Uint8Array>
}

/**
 * Writes everything that the newest checkpoint covers, the checkpoint last. What is there already stays as it is, since a tile never
 * changes, so an export that was broken off or has grown old goes on where it is. Nothing is verified: that is for an audit.
 * @throws {ConfigError} `not_found` when the log has no checkpoint yet
 */
export async function exportLog(
  source: LogSource,
  folder: string,
  onProgress: (progress: ExportProgress) => void = () => {},
): Promise<ExportResult> {
  const note = await source.checkpoint()
  if (note === null) {
    const message = `The log of ${source.name} has no checkpoint yet: try again in a few seconds.`
    throw new ConfigError({ code: 'not_found', path: source.name }, message)
  }
  const { size } = parseCheckpoint(parseNote(note).body)
  const parts = [...partsOf(source, size)]
  let [files, written] = [0, 0]
  for await (const isNew of inOrder(parts.length, AHEAD, index => writePart(folder, parts[index] as Part))) {
    files++
    if (isNew) written++
    onProgress({ files, filesTotal: parts.length })
  }
  await writeWhole(join(folder, 'checkpoint'), utf8(note))
  return { entries: size, files, written }
}

function* partsOf(source: LogSource, size: number): Generator<Part> {
  for (let index = 0; index < size / TILE_WIDTH; index++) {
    const width = tileWidth(0, index, size)
    yield { path: entriesPath(index, width), read: () => source.entries(index, width) }
  }
  for (let level = 0; tileWidth(level, 0, size) > 0; level++) {
    for (let index = 0; tileWidth(level, index, size) > 0; index++) {
      const width = tileWidth(level, index, size)
      yield { path: tilePath(level, index, width), read: () => readTile(source, level, index, width) }
    }
  }
}

async function readTile(source: LogSource, level: number, index: number, width: number): Promise<Uint8Array> {
  const hashes = await source.tile(level, index, width)
  if (hashes !== null) return hashes
  const reason = 'it keeps only full tiles'
  throw new ConfigError(
    { code: 'damaged', path: source.name, reason },
    `The log of ${source.name} cannot be exported: ${reason}.`,
  )
}

/** @returns whether the file was not there before */
async function writePart(folder: string, { path, read }: Part): Promise<boolean> {
  const file = join(folder, path)
  if (await isThere(file)) return false
  await writeWhole(file, await read())
  return true
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** All of the file or nothing: whoever reads the folder meanwhile sees no half. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, bytes)
  await rename(`${path}.new`, path)
}
