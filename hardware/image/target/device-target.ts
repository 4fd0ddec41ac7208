import { constants } from 'node:fs'
import { ConfigError, HardwareError } from '../../../protocol/index.ts'
import type { Disk } from '../disks/list.ts'
import { type BlockHandle, type ImageTarget, type OpenHandle, readFully, writeFully } from './target.ts'

/** Direct access needs whole sectors; newer disks have sectors of this size. */
const SECTOR_BYTES = 4_096
/** `ENOMEDIUM` and `EMEDIUMTYPE` of Linux, which Node has no name for. */
const NO_MEDIUM = [-123, -124]
/** What a card says that was pulled out, or fails. */
const GONE = ['EIO', 'ENXIO', 'ENODEV', 'EREMOTEIO', 'ETIMEDOUT', 'ENOSPC', 'EROFS', 'EPERM']

/**
 * Opens a card for an image. It is opened once, for this program alone (O_EXCL: the kernel refuses a device that is mounted or in
 * use otherwise), and stays open until it is verified, so nothing can mount it in between. Access is direct: a write has
 * reached the card when it returns, progress is true, and what is read back comes from the card and not from memory.
 * @throws {ConfigError} `in_use`, `bad_option` without the right to write to it
 * @throws {HardwareError} `unplugged`
 */
export async function openDevice(disk: Disk, open: OpenHandle): Promise<ImageTarget> {
  const { path, sizeBytes } = disk
  try {
    const { O_RDWR, O_EXCL, O_DIRECT } = constants
    return deviceTarget(path, sizeBytes, await open(path, O_RDWR | O_EXCL | O_DIRECT))
  } catch (error) {
    throw openFailure(path, error)
  }
}

function deviceTarget(path: string, sizeBytes: number, handle: BlockHandle): ImageTarget {
  const careful = async (offset: number, doing: string, step: () => Promise<void>): Promise<void> => {
    try {
      await step()
    } catch (error) {
      throw lostCard(path, `${doing} ${(offset / 1e6).toFixed(0)} MB`, error)
    }
  }
  let written = 0
  let closed = false
  const close = async (): Promise<void> => {
    if (!closed) await handle.close().catch(() => {})
    closed = true
  }
  return {
    path,
    readsStorage: true,
    write: (block, offset) =>
      careful(offset, 'after', async () => {
        await writeFully(handle, wholeSectors(block, Math.min(sizeBytes - offset, block.buffer.byteLength)), offset)
        written = offset + block.length
      }),
    finishWriting: () => careful(written, 'after', () => handle.sync()),
    read: (block, offset) =>
      careful(offset, 'when it was read back, after', () =>
        readFully(handle, wholeSectors(block, Math.min(sizeBytes - offset, block.buffer.byteLength)), offset),
      ),
    commit: close,
    close,
  }
}

/** The block and as much of the memory behind it as makes whole sectors. */
function wholeSectors(block: Uint8Array, roomBytes: number): Uint8Array {
  const whole = Math.ceil(block.length / SECTOR_BYTES) * SECTOR_BYTES
  return new Uint8Array(block.buffer, block.byteOffset, Math.min(whole, roomBytes - (roomBytes % 512)))
}

/** A card that stopped answering half way. */
function lostCard(path: string, when: string, error: unknown): unknown {
  const { code, errno } = error as NodeJS.ErrnoException
  const gone = (code !== undefined && GONE.includes(code)) || (errno !== undefined && NO_MEDIUM.includes(errno))
  if (!gone) return error
  return new HardwareError(
    { code: 'unplugged', path },
    `The card in ${path} stopped answering ${when} (${code ?? errno}): it was pulled out or is failing, and must be written again.`,
    { cause: error },
  )
}

function openFailure(path: string, error: unknown): unknown {
  const { code, errno } = error as NodeJS.ErrnoException
  if (code === 'EBUSY') {
    const message = `${path} is in use by another program: unmount it, or close what uses it, and try again.`
    return new ConfigError({ code: 'in_use', path }, message, { cause: error })
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const reason = 'this user may not write to disks'
    const message = `${path} cannot be opened, because ${reason}: run the same command with sudo.`
    return new ConfigError({ code: 'bad_option', path, reason }, message, { cause: error })
  }
  if (code === 'ENXIO' || code === 'ENODEV' || (errno !== undefined && NO_MEDIUM.includes(errno))) {
    const message = `There is no card in ${path}: put one in and try again.`
    return new HardwareError({ code: 'unplugged', path }, message, { cause: error })
  }
  return error
}
