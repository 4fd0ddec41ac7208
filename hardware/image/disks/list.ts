import type { HostInit } from '../../host/root.ts'
import { BlockTree } from './sysfs.ts'
import { type DiskUse, isSystemUse, usesOfDisks } from './uses.ts'

/** A disk of this machine. */
export interface Disk {
  /** Such as `sdb`. */
  readonly name: string
  /** Such as `/dev/sdb`. */
  readonly path: string
  /** 0 for a reader without a card. */
  readonly sizeBytes: number
  /** What it calls itself; empty when it says nothing. */
  readonly model: string
  /** A card, or a stick that says that it can be taken out. */
  readonly removable: boolean
  /** By the switch on a card, for example. */
  readonly readOnly: boolean
  readonly uses: readonly DiskUse[]
  /** This machine runs from it. */
  readonly system: boolean
}

/** The kernel counts in these, whatever the disk does. */
const SECTOR_BYTES = 512
/** Parts of memory, of files and of other disks; a card's boot areas; optical drives. */
const NOT_DISKS = /^(?:ram|zram|dm-|md|sr|fd|nbd)\d|^mmcblk\d+(?:boot\d|rpmb)/
const LOOP = /^loop\d/

/** Every disk there is, in the kernel's order. Loop devices count when they stand for a file. */
export function listDisks(host: HostInit = {}): Disk[] {
  const tree = new BlockTree(host)
  const uses = usesOfDisks(tree)
  return tree
    .disks()
    .filter(name => !NOT_DISKS.test(name) && !(LOOP.test(name) && tree.text(name, 'loop/backing_file') === null))
    .map(name => diskOf(tree, name, uses.get(name) ?? []))
    .toSorted((left, right) => left.name.localeCompare(right.name, 'en', { numeric: true }))
}

function diskOf(tree: BlockTree, name: string, uses: readonly DiskUse[]): Disk {
  const model = [tree.text(name, 'device/vendor'), tree.text(name, 'device/model') ?? tree.text(name, 'device/name')]
  return {
    name,
    path: `/dev/${name}`,
    sizeBytes: Number(tree.text(name, 'size') ?? 0) * SECTOR_BYTES,
    model: model.filter(part => part !== null && part !== '' && !part.startsWith('0x')).join(' '),
    // A reader that is soldered in does not say that its cards can be taken out.
    removable: tree.text(name, 'removable') === '1' || tree.text(name, 'device/type') === 'SD',
    readOnly: tree.text(name, 'ro') === '1',
    uses,
    system: uses.some(isSystemUse),
  }
}

/** The disk of a partition's name; null for anything else. */
export function diskOfPartition(name: string, host: HostInit = {}): string | null {
  const tree = new BlockTree(host)
  return tree.text(name, 'partition') === null ? null : (tree.disksUnder(name)[0] ?? null)
}
