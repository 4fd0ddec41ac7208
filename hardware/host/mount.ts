/** Which disk a folder is on, and how it is mounted. Reads `/proc/self/mounts`, loads nothing. */
import { peek, under } from '../kernel/files.ts'
import type { HostInit } from './root.ts'

export interface Mount {
  /** Such as `/dev/mmcblk0p2`, or the name of a file system without a disk. */
  readonly source: string
  readonly at: string
  readonly type: string
  readonly readOnly: boolean
}

/** The mount that an absolute path lies on; null where the kernel tells nothing. */
export function readMount(path: string, init: HostInit = {}): Mount | null {
  const lines = (peek(under(init.root ?? '/', 'proc/self/mounts')) ?? '').split('\n')
  const mounts = lines.flatMap(line => {
    const [source, at, type, options] = line.split(' ')
    if (source === undefined || at === undefined || type === undefined || options === undefined) return []
    return { source: unescaped(source), at: unescaped(at), type, readOnly: options.split(',').includes('ro') }
  })
  const around = mounts.filter(({ at }) => path === at || path.startsWith(at === '/' ? '/' : `${at}/`))
  // Of mounts on one place the last is seen.
  return around.reduce<Mount | null>(
    (best, mount) => (best === null || mount.at.length >= best.at.length ? mount : best),
    null,
  )
}

/** Spaces and the like are written as three octal digits. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
