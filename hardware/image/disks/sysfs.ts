/** What the kernel says of block devices in /sys: disks, their partitions, and what is built on them. */
import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { HostInit } from '../../host/root.ts'
import { list, peek, under } from '../../kernel/files.ts'

/** Layers of LVM over encryption over RAID; more than anybody builds. */
const LAYERS_MAX = 16

/** Reads the folders of block devices. */
export class BlockTree {
  readonly root: string

  constructor(host: HostInit) {
    this.root = host.root ?? '/'
  }

  /** A file outside of them; null when it cannot be read. */
  peek(path: string): string | null {
    return peek(under(this.root, path))
  }

  /** Names of whole disks, such as `sda` and `mmcblk0`. */
  disks(): string[] {
    return list(under(this.root, '/sys/block'))
  }

  has(name: string): boolean {
    return this.folder(name) !== null
  }

  /** One of a device's files without white space around it; null when there is none. */
  text(name: string, file: string): string | null {
    const folder = this.folder(name)
    return folder === null ? null : (peek(join(folder, file))?.trim() ?? null)
  }

  /** Names in one of a device's folders. */
  list(name: string, path: string): string[] {
    const folder = this.folder(name)
    return folder === null ? [] : list(join(folder, path))
  }

  /** The name of a device number such as `8:1`. */
  byNumber(number: string): string | null {
    const folder = resolved(under(this.root, `/sys/dev/block/${number}`))
    return folder === null ? null : basename(folder)
  }

  /** The whole disks that a device rests on: a partition's disk, and the parts of a volume group or an array. */
  disksUnder(name: string, layers = 0): string[] {
    if (layers > LAYERS_MAX) return []
    const parts = this.list(name, 'slaves')
    if (parts.length > 0) return parts.flatMap(part => this.disksUnder(part, layers + 1))
    const folder = this.folder(name)
    if (folder === null) return []
    return this.text(name, 'partition') === null ? [name] : [basename(dirname(folder))]
  }

  /** A disk and its partitions. */
  withPartitions(disk: string): string[] {
    return [disk, ...this.list(disk, '').filter(name => name.startsWith(disk) && this.text(name, 'partition') !== null)]
  }

  private folder(name: string): string | null {
    return /^[\w!-][\w!.-]*$/.test(name) ? resolved(under(this.root, `/sys/class/block/${name}`)) : null
  }
}

function resolved(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
