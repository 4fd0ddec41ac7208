/** The boot folder of a card that is written already, mounted somewhere. */
import { constants, statfsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConfigError, HardwareError } from '../../protocol/index.ts'
import type { BootFile, BootPartition } from './customise/types.ts'
import type { Customiser, Plan } from './prepare.ts'
import { alignedBlock } from './target/target.ts'

/**
 * Looks at a boot folder and says what is to be put there.
 * @throws {ConfigError} `damaged` when this is no boot folder of a Raspberry Pi, `no_space`
 */
export async function planBootFolder(folder: string, customiser: Customiser): Promise<Plan> {
  const boot = bootFolder(folder)
  const names = await boot.list()
  if (!names.some(name => name.toLowerCase() === 'config.txt')) throw noBootFolder(folder)
  const detected = await customiser.detect(boot)
  const plan = { detected, ...(await customiser.customise(detected, boot)) }
  const { bavail, bsize } = statfsSync(folder)
  const blocks = plan.files.reduce((sum, { content }) => sum + Math.ceil(content.length / bsize), 0)
  if (blocks > bavail) {
    const message = `${folder} has ${mega(bavail * bsize)} free and ${mega(blocks * bsize)} are needed: leave out the bundle.`
    throw new ConfigError({ code: 'no_space', path: folder }, message)
  }
  return plan
}

/**
 * Writes files into a folder, each complete under another name first, then reads them back and compares.
 * @returns whether they were read from the card itself and not from the system's memory
 * @throws {HardwareError} `bad_value` for a card that does not keep what is written or takes nothing, `unplugged` when it is gone
 * @throws {ConfigError} `no_space` for a card that is full
 */
export async function writeBootFolder(folder: string, files: readonly BootFile[]): Promise<boolean> {
  let fromCard = true
  try {
    for (const { path, content } of files) {
      await makeFolders(folder, path)
      await writeThrough(join(folder, path), content)
    }
    for (const { path, content } of files) {
      const { bytes, direct } = await readBack(join(folder, path), content.length)
      fromCard &&= direct
      if (bytes.equals(content)) continue
      throw new HardwareError(
        { code: 'bad_value', path: join(folder, path), value: `${bytes.length} bytes` },
        `${join(folder, path)} reads back differently from what was written: use another card, and write it again.`,
      )
    }
  } catch (error) {
    throw lostFolder(folder, error)
  }
  return fromCard
}

function bootFolder(folder: string): BootPartition {
  return {
    list: async () => {
      try {
        return await readdir(folder)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        const message = `There is no folder ${folder}: put the card in, open it once in the file manager, and give the folder that has config.txt.`
        throw new ConfigError({ code: 'not_found', path: folder }, message, { cause: error })
      }
    },
    read: async path => {
      try {
        return new Uint8Array(await readFile(join(folder, path)))
      } catch (error) {
        if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
        throw error
      }
    },
  }
}

/** The folders of a file below the boot folder, and never that one itself: where a card was pulled out, there is none to be made. */
async function makeFolders(folder: string, path: string): Promise<void> {
  const names = path.split('/').slice(0, -1)
  for (let depth = 1; depth <= names.length; depth++) {
    try {
      await mkdir(join(folder, ...names.slice(0, depth)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

async function writeThrough(path: string, content: Uint8Array): Promise<void> {
  const part = `${path}.part`
  try {
    const handle = await open(part, 'w')
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true }).catch(() => {})
    throw error
  }
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** A file as it is on the card, where the file system has direct access, as FAT has on Linux. */
async function readBack(path: string, length: number): Promise<{ bytes: Buffer; direct: boolean }> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECT).catch(() => null)
  if (handle === null) return { bytes: await readFile(path), direct: false }
  try {
    const block = alignedBlock()
    const pieces: Buffer[] = []
    for (let at = 0; at <= length; ) {
      const { bytesRead } = await handle.read(block, 0, block.length, at)
      if (bytesRead === 0) break
      pieces.push(Buffer.from(block.slice(0, bytesRead)))
      at += bytesRead
    }
    return { bytes: Buffer.concat(pieces), direct: true }
  } finally {
    await handle.close()
  }
}

function noBootFolder(folder: string): ConfigError {
  const reason = 'is no boot folder of a card for a Raspberry Pi'
  const message = `${folder} ${reason}: it has no config.txt; the partition that is meant is called bootfs or system-boot.`
  return new ConfigError({ code: 'damaged', path: folder, reason }, message)
}

function lostFolder(folder: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'ENOSPC') {
    const message = `${folder} is full: delete what is not needed there, or leave out the bundle, and run this again.`
    return new ConfigError({ code: 'no_space', path: folder }, message, { cause: error })
  }
  if (code === 'EROFS') {
    const message = `${folder} is read-only: move the small switch on the card's side, put it in again, and run this again; if it stays so, the card is failing.`
    return new HardwareError({ code: 'bad_value', path: folder, value: 'read-only' }, message, { cause: error })
  }
  if (!['EIO', 'ENXIO', 'ENODEV', 'ENOENT'].includes(code)) return error
  return new HardwareError(
    { code: 'unplugged', path: folder },
    `The card at ${folder} stopped answering (${code}): it was pulled out or is failing; put it in and run this again.`,
    { cause: error },
  )
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
