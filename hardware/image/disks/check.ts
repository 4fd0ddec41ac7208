import { basename } from 'node:path'
import { ConfigError, HardwareError } from '../../../protocol/index.ts'
import type { HostInit } from '../../host/root.ts'
import { type Disk, diskOfPartition, listDisks } from './list.ts'
import type { DiskUse } from './uses.ts'

/** Cards are sold up to this; what is larger is more likely somebody's disk. 256 GB cards have up to 2^38 bytes. */
export const CARD_BYTES_MAX = 2 ** 38

/** What the person insists on. */
export interface CheckInit extends HostInit {
  /** Also a disk that cannot be taken out, or is larger than a card. */
  readonly yesReally: boolean
}

/**
 * The disk of a path, when everything on it may be erased.
 * @param path - such as `/dev/sdb`, links resolved
 * @throws {ConfigError} `in_use` for a mounted or system disk, always; `bad_option` for one that is not removable or too
 *   large, unless they insist; `not_found`
 * @throws {HardwareError} `unplugged` for a reader without a card; `bad_value` for a locked card
 */
export function checkDisk(path: string, init: CheckInit): Disk {
  const disk = findDisk(path, init)
  const [use] = disk.uses
  if (disk.system) {
    const where = disk.uses.map(describeUse).join(', ')
    throw new ConfigError(
      { code: 'in_use', path },
      `This machine runs from ${path} (${where}): it is never written to; 'hedgerow flash --list' shows the cards.`,
    )
  }
  if (use !== undefined) throw new ConfigError({ code: 'in_use', path }, inUse(path, disk.uses))
  if (disk.sizeBytes === 0) {
    throw new HardwareError({ code: 'unplugged', path }, `There is no card in ${path}: put one in and try again.`)
  }
  if (disk.readOnly) {
    throw new HardwareError(
      { code: 'bad_value', path, value: 'read-only' },
      `${path} is write-protected: move the small switch on the card's side, and put it in again.`,
    )
  }
  if (init.yesReally) return disk
  if (!disk.removable) throw doubtful(path, 'it is built in and no card', disk)
  if (disk.sizeBytes > CARD_BYTES_MAX) throw doubtful(path, 'it is larger than any card', disk)
  return disk
}

/** Makes sure that an image has room on a card. @throws {ConfigError} `no_space` */
export function checkFits({ path, sizeBytes }: Disk, imageBytes: number): void {
  if (imageBytes <= sizeBytes) return
  const giga = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  throw new ConfigError(
    { code: 'no_space', path },
    `The card in ${path} is too small: it has ${giga(sizeBytes)}, and the image needs ${giga(imageBytes)}; take a larger one.`,
  )
}

function findDisk(path: string, host: HostInit): Disk {
  const name = basename(path)
  const disk = path === `/dev/${name}` ? listDisks(host).find(candidate => candidate.name === name) : undefined
  if (disk !== undefined) return disk
  const whole = diskOfPartition(name, host)
  const message =
    whole === null
      ? `There is no disk ${path}: 'hedgerow flash --list' shows the cards.`
      : `${path} is a partition of a disk: give the whole disk, /dev/${whole}.`
  throw new ConfigError({ code: 'not_found', path }, message)
}

function inUse(path: string, uses: readonly DiskUse[]): string {
  const mounted = [...new Set(uses.flatMap(use => (use.kind === 'mounted' ? [`/dev/${use.device}`] : [])))]
  const what = uses.map(describeUse).join(', ')
  if (mounted.length === 0) return `${path} is in use (${what}): stop what uses it, or choose another.`
  return `${path} is in use (${what}): unmount it with 'umount ${mounted.join(' ')}' and try again.`
}

/** Such as `/dev/sda1 is mounted at /home`. */
function describeUse(use: DiskUse): string {
  if (use.kind === 'mounted') return `/dev/${use.device} is mounted at ${use.where}`
  if (use.kind === 'swap') return `/dev/${use.device} is swap`
  return `/dev/${use.device} is part of ${use.by}`
}

function doubtful(path: string, reason: string, disk: Disk): ConfigError {
  const size = `${(disk.sizeBytes / 1e9).toFixed(1)} GB`
  const name = disk.model === '' ? size : `${disk.model}, ${size}`
  return new ConfigError(
    { code: 'bad_option', path, reason },
    `${path} (${name}) is not written to, because ${reason}: say --yes-really if everything on it may be erased.`,
  )
}
