/** Can the folder be written to, for long enough, and does what is written stay? */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { broken, type Finding, messageOf, warning, well } from '../../../protocol/index.ts'
import { readFlashWear } from '../flash-wear.ts'
import { readMount } from '../mount.ts'

export interface DiskPorts {
  readonly root: string
  /** The folder that must be writable; absolute. */
  readonly folder: string
  monotonicMs(): number
  /** Bytes free for this user; null when the folder cannot be asked. */
  freeBytes?(folder: string): number | null
  /** Writes a small file and waits until it is on the disk. @throws as the system does */
  writeSynced?(folder: string): void
}

/** Below the first the region or device stops; below the second it is near. */
const FREE_BROKEN_BYTES = 64 * 1_048_576
const FREE_WARNING_BYTES = 512 * 1_048_576
const MIB = 1_048_576
/** A worn card pauses for seconds at a sync; a good one needs some 10 ms. */
const SYNC_WARNING_MS = 1_000
const WEAR_WARNING_PERCENT = 80
const TEST_BYTES = 4_096
const TEST_FILE = '.hedgerow-doctor'

export function checkDisk(ports: DiskPorts): Finding[] {
  const { root, folder } = ports
  const mount = readMount(folder, { root })
  if (mount?.readOnly) {
    const says = `The disk ${mount.source} of ${folder} can only be read: the system protects it after a fault, or it was mounted so.`
    const fix = `Look for the fault with: sudo dmesg | grep -i -e mmc -e ext4 -e i/o. Then restart the machine; if it comes back, replace the card and restore a backup.`
    return [broken('disk', says, fix)]
  }
  const wear = mount === null ? null : readFlashWear(mount.source, { root })
  const worn = wear !== null && (wear.nearEnd || (wear.usedPercent ?? 0) > WEAR_WARNING_PERCENT)
  return [
    free(folder, (ports.freeBytes ?? diskFree)(folder)),
    writes(ports),
    ...(worn
      ? [
          warning(
            'disk wear',
            `The memory ${wear.name} says that ${wear.nearEnd ? 'its spare blocks run out' : `up to ${wear.usedPercent} % of its life are used`}.`,
            `Copy ${folder} to a new card soon.`,
          ),
        ]
      : []),
  ]
}

function free(folder: string, bytes: number | null): Finding {
  if (bytes === null)
    return broken(
      'disk',
      `The folder ${folder} is not there.`,
      `Start the program once with this folder, or name the right one with --state or --folder.`,
    )
  const says = `${Math.floor(bytes / MIB)} MiB are free where ${folder} is.`
  const fix = `See what takes the space: sudo du -xh / | sort -h | tail -30. Often it helps to type: sudo apt-get clean; sudo journalctl --vacuum-size=100M.`
  if (bytes < FREE_BROKEN_BYTES) return broken('disk', says, fix)
  return bytes < FREE_WARNING_BYTES ? warning('disk', says, fix) : well('disk', says)
}

function writes({ folder, monotonicMs, writeSynced = writeTestFile }: DiskPorts): Finding {
  const startedMs = monotonicMs()
  try {
    writeSynced(folder)
  } catch (error) {
    const says = `Nothing can be written to ${folder}: ${messageOf(error)}.`
    return broken(
      'disk write',
      says,
      `See who owns it with: ls -ld ${folder}. It must be the user that the program runs as.`,
    )
  }
  const elapsedMs = Math.round(monotonicMs() - startedMs)
  const says = `A small write to ${folder} is on the disk after ${elapsedMs} ms.`
  if (elapsedMs < SYNC_WARNING_MS) return well('disk write', says)
  return warning(
    'disk write',
    says,
    'A card as slow as this is worn or cheap: use one of class A1 or better, or a USB disk.',
  )
}

function diskFree(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return null
  }
}

function writeTestFile(folder: string): void {
  const path = join(folder, TEST_FILE)
  const descriptor = openSync(path, 'w', 0o600)
  try {
    writeSync(descriptor, Buffer.alloc(TEST_BYTES, 0x68))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
    rmSync(path, { force: true })
  }
}
