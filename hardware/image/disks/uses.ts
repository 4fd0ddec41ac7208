/** What the disks of this machine are in use for. */
import { basename } from 'node:path'
import type { BlockTree } from './sysfs.ts'

/** One thing that a disk is used for. */
export type DiskUse =
  | { readonly kind: 'mounted'; readonly device: string; readonly where: string }
  | { readonly kind: 'swap'; readonly device: string }
  /** LVM, encryption, RAID or a cache that is built on it. */
  | { readonly kind: 'held'; readonly device: string; readonly by: string }

/** Whether the machine itself lives there. */
export function isSystemUse(use: DiskUse): boolean {
  return (
    use.kind === 'swap' || (use.kind === 'mounted' && /^\/($|boot($|\/)|efi($|\/)|usr($|\/)|var($|\/))/.test(use.where))
  )
}

/** Uses by the whole disk's name. A volume group over two disks is a use of both. */
export function usesOfDisks(tree: BlockTree): Map<string, DiskUse[]> {
  const uses = new Map<string, DiskUse[]>()
  const add = (name: string | null, use: (device: string) => DiskUse): void => {
    if (name === null) return
    for (const disk of new Set(tree.disksUnder(name))) uses.set(disk, [...(uses.get(disk) ?? []), use(name)])
  }
  for (const { name, where } of mounts(tree)) add(name, device => ({ kind: 'mounted', device, where }))
  for (const name of swaps(tree)) add(name, device => ({ kind: 'swap', device }))
  for (const disk of tree.disks()) {
    for (const device of tree.withPartitions(disk)) {
      for (const by of tree.list(device, 'holders')) add(device, () => ({ kind: 'held', device, by }))
    }
  }
  return uses
}

/**
 * Mounted devices by name. `/proc/self/mountinfo` has the device's number, but file systems such as btrfs invent one:
 * then the name of what was mounted tells (`Documentation/filesystems/proc.rst`, 3.5).
 */
function mounts(tree: BlockTree): { name: string | null; where: string }[] {
  const lines = (tree.peek('/proc/self/mountinfo') ?? '').split('\n')
  return lines.flatMap(line => {
    const [before = '', after = ''] = line.split(' - ')
    const [, , number, , where] = before.split(' ')
    const [, source] = after.split(' ')
    if (number === undefined || where === undefined) return []
    return [{ name: tree.byNumber(number) ?? bySource(tree, unescaped(source ?? '')), where: unescaped(where) }]
  })
}

function swaps(tree: BlockTree): (string | null)[] {
  const [, ...lines] = (tree.peek('/proc/swaps') ?? '').split('\n')
  return lines.map(line => bySource(tree, unescaped(line.split(/\s/)[0] ?? '')))
}

/** `/dev/sda1`, or a name that the device mapper gave. */
function bySource(tree: BlockTree, source: string): string | null {
  if (!source.startsWith('/dev/')) return null
  const name = basename(source)
  if (tree.has(name)) return name
  return tree.disks().find(disk => tree.text(disk, 'dm/name') === name) ?? null
}

/** Blanks and line breaks stand as `\040`, three octal digits. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
