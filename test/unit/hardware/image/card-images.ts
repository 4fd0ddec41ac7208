/** Images of whole cards, made and read by Debian's tools: what is written must be right for others. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const MEBI = 1_048_576
const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, MTOOLS_SKIP_CHECK: '1', TZ: 'UTC' }
const TOOLS = ['sfdisk', 'mkfs.vfat', 'fsck.vfat', 'mcopy', 'mtype', 'mdir', 'xz', 'gzip', 'zip']

/** Whether this machine has the tools; says so loudly when it has not. */
export function hasCardTools(): boolean {
  const missing = TOOLS.filter(tool => spawnSync('sh', ['-c', `command -v ${tool}`], { env: ENV }).status !== 0)
  if (missing.length > 0) {
    console.warn(
      `\nNOT TESTED: cards, for want of ${missing.join(', ')} (Debian: fdisk dosfstools mtools xz-utils zip).\n`,
    )
  }
  return missing.length === 0
}

export function tool(name: string, ...args: string[]): string {
  return execFileSync(name, args, { env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

export interface CardShape {
  readonly files: Readonly<Record<string, string | Uint8Array>>
  readonly table?: 'dos' | 'gpt'
  /** FAT32 needs more than 32 MiB, FAT12 less than 2.1. */
  readonly fat?: 12 | 16 | 32
  readonly bootMebi?: number
  readonly bootType?: string
  /** A second partition after it. */
  readonly rootMebi?: number
}

/** Where the boot partition of such an image begins. */
export const BOOT_OFFSET = 4 * MEBI

/** Makes an image with a FAT boot partition, and a second partition of bytes that are not zeros. */
export function makeCardImage(path: string, shape: CardShape): void {
  const { files, table = 'dos', fat = 32, bootMebi = fat === 32 ? 40 : 16, rootMebi = 6 } = shape
  const bootType = shape.bootType ?? (table === 'gpt' ? 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7' : 'c')
  const rootStart = 4 + bootMebi
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
  truncateSync(path, (rootStart + rootMebi + 1) * MEBI)
  const script = `label: ${table}\nstart=8192, size=${bootMebi * 2048}, type=${bootType}\nstart=${rootStart * 2048}, size=${rootMebi * 2048}, type=L\n`
  execFileSync('sfdisk', ['-q', path], { env: ENV, input: script, stdio: ['pipe', 'ignore', 'pipe'] })
  tool('mkfs.vfat', '-F', String(fat), '-s', '1', '-n', 'BOOTFS', '--offset', '8192', path, String(bootMebi * 1024))
  const noise = Buffer.alloc(rootMebi * MEBI, 'what lies on the root partition. ')
  execFileSync('dd', [`of=${path}`, 'bs=1M', `seek=${rootStart}`, 'conv=notrunc', 'status=none'], { input: noise })
  for (const [name, content] of Object.entries(files)) copyIn(path, name, content)
}

function copyIn(image: string, name: string, content: string | Uint8Array): void {
  const at = `${image}@@${BOOT_OFFSET}`
  const folders = name.split('/').slice(0, -1)
  // Each one above it, too; those that are there already are skipped.
  folders.forEach((_, depth) => {
    spawnSync('mmd', ['-i', at, '-D', 's', `::/${folders.slice(0, depth + 1).join('/')}`], { env: ENV })
  })
  const from = `${image}.in`
  writeFileSync(from, content)
  tool('mcopy', '-o', '-i', at, from, `::/${name}`)
  rmSync(from)
}

/** A file of the boot partition, as mtools read it. */
export function readFromCard(image: string, name: string): Buffer {
  return execFileSync('mtype', ['-i', `${image}@@${BOOT_OFFSET}`, `::/${name}`], {
    env: ENV,
    maxBuffer: 64 * MEBI,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Names on the boot partition with their folders, as mtools list them. */
export function listCard(image: string): string[] {
  const listing = tool('mdir', '-/', '-b', '-i', `${image}@@${BOOT_OFFSET}`, '::')
  return listing
    .split('\n')
    .filter(line => line !== '' && !line.endsWith('/'))
    .map(line => line.replace(/^::\//, ''))
}

/** What fsck.vfat says of the boot partition; it fails when anything is wrong. */
export function checkCard(image: string, bootMebi = 40): string {
  const part = join(dirname(image), 'boot-partition.img')
  tool('dd', `if=${image}`, `of=${part}`, 'bs=1M', 'skip=4', `count=${bootMebi}`, 'status=none')
  try {
    const said = tool('fsck.vfat', '-n', part)
    // It repairs some things silently, and still succeeds.
    if (/differ|wrong|correct|Duplicate|Bad|orphan|unused/i.test(said)) throw new Error(said)
    return said
  } finally {
    rmSync(part, { force: true })
  }
}
