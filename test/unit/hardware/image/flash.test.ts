/** Whole cards: real images in, real images out, read by other programs; and cards that fail. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { customise, detectFormat } from '../../../../hardware/image/customise/index.ts'
import type { Disk } from '../../../../hardware/image/disks/list.ts'
import { type FlashPhase, FlashStopped, flashImage } from '../../../../hardware/image/flash.ts'
import type { Customiser } from '../../../../hardware/image/prepare.ts'
import { openImage } from '../../../../hardware/image/source/open.ts'
import { openDevice } from '../../../../hardware/image/target/device-target.ts'
import { openImageFile } from '../../../../hardware/image/target/file-target.ts'
import type { ImageTarget, OpenHandle } from '../../../../hardware/image/target/target.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { type CardShape, checkCard, hasCardTools, listCard, makeCardImage, readFromCard, tool } from './card-images.ts'
import { describeNode, EVERYTHING, IMAGES, NOW_MS } from './customise/support.ts'
import { openFlaky, openPlain } from './flaky-handle.ts'

const newFolder = tempDirs()
let images = ''
const image = (name: string): string => join(images, name)
const NAMES = ['bookworm', 'trixie', 'preseed', 'ubuntu', 'newUbuntu'] as const

beforeAll(() => {
  images = mkdtempSync(join(tmpdir(), 'hedgerow-flash-'))
  if (!hasCardTools()) return
  for (const name of NAMES) makeCardImage(image(`${name}.img`), { files: { ...IMAGES[name], 'kernel8.img': KERNEL } })
  tool('xz', '-k', '-1', image('trixie.img'))
  tool('gzip', '-k', '-1', image('trixie.img'))
  tool('zip', '-q', '-1', '-j', image('trixie.zip'), image('trixie.img'))
})
afterAll(() => rmSync(images, { recursive: true, force: true }))

const KERNEL = new Uint8Array(200_000).map((_, index) => (index * 7) % 253)
const node = () => describeNode(EVERYTHING)
const CUSTOMISER: Customiser = {
  detect: detectFormat,
  customise: (detected, boot) => customise(node(), detected, boot, { nowMs: NOW_MS }),
}

interface FlashCase {
  readonly customiser?: Customiser
  readonly stop?: AbortSignal
  readonly onProgress?: (phase: FlashPhase, done: number, total: number) => void
  readonly sha256?: string
}

async function flash(from: string, openTarget: () => Promise<ImageTarget>, more: FlashCase = {}) {
  const { customiser = CUSTOMISER, stop = new AbortController().signal, onProgress = () => {}, sha256 } = more
  const source = await openImage(from)
  const init = { source, customiser, wallMs: NOW_MS, stop, onProgress, ...(sha256 === undefined ? {} : { sha256 }) }
  return flashImage(init, openTarget)
}

const toFile =
  (path: string, handle: OpenHandle = openPlain) =>
  () =>
    openImageFile(path, handle)

/** A file that stands for a card. */
function fakeCard(sizeBytes: number): Disk {
  const path = join(newFolder(), 'sdz')
  writeFileSync(path, '')
  truncateSync(path, sizeBytes)
  return { name: 'sdz', path, sizeBytes, model: '', removable: true, readOnly: false, uses: [], system: false }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const ROOT_OFFSET = 44 * 1_048_576

describe.skipIf(!hasCardTools())('an image file', () => {
  it.each(NAMES)('for %s has every settings file and is otherwise as it was', async name => {
    const to = join(newFolder(), 'card.img')
    const report = await flash(image(`${name}.img`), toFile(to))
    expect(report.files.length).toBeGreaterThan(4)
    for (const { path, content } of report.files) {
      expect(readFromCard(to, path).equals(content), path).toBe(true)
    }
    checkCard(to)
    const written = readFileSync(to)
    const before = readFileSync(image(`${name}.img`))
    expect(report).toMatchObject({ sha256: sha256(written), imageBytes: before.length })
    expect(written.length).toBe(before.length)
    expect(readFromCard(to, 'kernel8.img').equals(KERNEL)).toBe(true)
    expect(written.subarray(0, 4 * 1_048_576).equals(before.subarray(0, 4 * 1_048_576))).toBe(true)
    expect(written.subarray(ROOT_OFFSET).equals(before.subarray(ROOT_OFFSET))).toBe(true)
    expect(listCard(to).toSorted()).toEqual(
      [...new Set([...listCard(image(`${name}.img`)), ...report.files.map(({ path }) => path)])].toSorted(),
    )
    expect(readdirSync(join(to, '..'))).toEqual(['card.img'])
  })

  it('is the same from every wrapping', async () => {
    const folder = newFolder()
    const sums: string[] = []
    for (const from of ['trixie.img', 'trixie.img.xz', 'trixie.img.gz', 'trixie.zip']) {
      sums.push((await flash(image(from), toFile(join(folder, from)))).sha256)
    }
    expect(new Set(sums).size).toBe(1)
  })

  it('is right with a GPT and FAT16', async () => {
    const shape: CardShape = { files: IMAGES.trixie, table: 'gpt', fat: 16 }
    makeCardImage(image('gpt.img'), shape)
    const to = join(newFolder(), 'card.img')
    const { files } = await flash(image('gpt.img'), toFile(to))
    for (const { path, content } of files) expect(readFromCard(to, path).equals(content), path).toBe(true)
    checkCard(to, 16)
  })

  it('tells how far it is', async () => {
    const phases = new Map<FlashPhase, [number, number]>()
    const onProgress = (phase: FlashPhase, done: number, total: number) => {
      expect(done).toBeGreaterThanOrEqual(phases.get(phase)?.[0] ?? 0)
      phases.set(phase, [done, total])
    }
    const gz = image('trixie.img.gz')
    const sum = sha256(readFileSync(gz))
    await flash(gz, toFile(join(newFolder(), 'card.img')), { onProgress, sha256: sum })
    expect([...phases.keys()]).toEqual(['checksum', 'check', 'prepare', 'write', 'verify'])
    for (const [done, total] of phases.values()) expect(done).toBe(total)
  })

  it('that exists is not touched', async () => {
    const to = join(newFolder(), 'card.img')
    writeFileSync(to, 'precious')
    await expect(flash(image('trixie.img'), toFile(to))).rejects.toThrow('exists already: delete it')
    expect(readFileSync(to, 'utf8')).toBe('precious')
  })

  it('in a folder that does not exist is refused', async () => {
    const to = join(newFolder(), 'nowhere', 'card.img')
    await expect(flash(image('trixie.img'), toFile(to))).rejects.toThrow(/There is no folder .*nowhere: make it/)
  })

  it.each<[FlashPhase, number]>([
    ['checksum', 1],
    ['check', 1],
    ['prepare', 30_000_000],
    ['write', 20_000_000],
    ['verify', 20_000_000],
  ])('is not there when it was stopped in phase %s', async (phase, bytes) => {
    const folder = newFolder()
    const controller = new AbortController()
    const onProgress = (at: FlashPhase, done: number) => {
      if (at === phase && done >= bytes) controller.abort()
    }
    const gz = image('trixie.img.gz')
    const more = { stop: controller.signal, onProgress, sha256: sha256(readFileSync(gz)) }
    const stopped = await flash(gz, toFile(join(folder, 'card.img')), more).catch(error => error)
    expect(stopped).toBeInstanceOf(FlashStopped)
    // A small file is read in one piece, so its checksum is complete before it can be stopped.
    expect(stopped.phase).toBe(phase === 'checksum' ? 'check' : phase)
    expect(readdirSync(folder)).toEqual([])
  })

  it('is not there when the disk is full', async () => {
    const folder = newFolder()
    const full = openFlaky({ fromByte: 30_000_000, kind: 'error', code: 'ENOSPC' })
    await expect(flash(image('bookworm.img'), toFile(join(folder, 'card.img'), full))).rejects.toThrow(
      'the disk is full',
    )
    expect(readdirSync(folder)).toEqual([])
    expect(full.closed()).toBe(1)
  })
})

describe.skipIf(!hasCardTools())('a wrong image is refused before anything is written:', () => {
  const refused = async (from: string, more: FlashCase = {}): Promise<Error> => {
    const folder = newFolder()
    let opened = false
    const openTarget = () => {
      opened = true
      return openImageFile(join(folder, 'card.img'), openPlain)
    }
    const error = await flash(from, openTarget, more).then(
      () => new Error('it was written'),
      thrown => thrown as Error,
    )
    expect(opened).toBe(false)
    expect(error.message).toMatch(/^[^\n]*\.$/)
    return error
  }

  it.each<[string, CardShape, RegExp]>([
    ['no FAT partition', { files: {}, bootType: '83' }, /is no image for a Raspberry Pi: it has no FAT boot partition/],
    ['no config.txt', { files: { 'EFI/BOOT/BOOTX64.EFI': 'x' } }, /its boot partition has no config\.txt/],
    [
      'a PC with GPT',
      { files: { 'EFI/BOOT/BOOTX64.EFI': 'x' }, table: 'gpt' },
      /its boot partition has no config\.txt/,
    ],
    ['Home Assistant', { files: { 'config.txt': '', 'haos-config.txt': '' } }, /is Home Assistant OS/],
    ['no cmdline.txt', { files: { 'config.txt': '' } }, /there is no cmdline\.txt/],
  ])('%s', async (_, shape, message) => {
    makeCardImage(image('wrong.img'), shape)
    expect((await refused(image('wrong.img'))).message).toMatch(message)
  })

  it('a file system without a partition table', async () => {
    writeFileSync(image('floppy.img'), '')
    truncateSync(image('floppy.img'), 40 * 1_048_576)
    tool('mkfs.vfat', '-F', '32', '-s', '1', image('floppy.img'))
    expect((await refused(image('floppy.img'))).message).toContain('is no image of a whole disk')
  })

  it('an empty partition table', async () => {
    const bytes = Buffer.alloc(2 * 1_048_576)
    bytes.writeUInt16LE(0xaa55, 510)
    writeFileSync(image('empty.img'), bytes)
    expect((await refused(image('empty.img'))).message).toContain('has an empty partition table')
  })

  it('one that is cut short, anywhere', async () => {
    for (const mebi of [2, 20, 46]) {
      writeFileSync(image('cut.img'), readFileSync(image('trixie.img')).subarray(0, mebi * 1_048_576))
      expect((await refused(image('cut.img'))).message).toContain('is cut short: its partitions end at byte')
    }
    writeFileSync(image('cut.gz'), readFileSync(image('trixie.img.gz')).subarray(0, -50))
    expect((await refused(image('cut.gz'))).message).toContain('is damaged or cut short')
  })

  it('another one than the publisher’s', async () => {
    const error = await refused(image('trixie.img.xz'), { sha256: 'ab'.repeat(32) })
    expect(error.message).toContain('not the expected one: download it again')
  })

  it('one without room for the bundle', async () => {
    const content = new Uint8Array(45_000_000).fill(1)
    const customiser: Customiser = {
      detect: detectFormat,
      customise: async () => ({ files: [{ path: 'hedgerow-bundle.tar.xz', content }], warnings: [] }),
    }
    const error = await refused(image('trixie.img'), { customiser })
    expect(error.message).toMatch(/boot partition has 4[01]\.\d MB free and 45\.0 MB are needed: leave out the bundle/)
  })

  it('one that turns out to be damaged while it is written leaves no file', async () => {
    const bytes = readFileSync(image('trixie.img.xz'))
    // The end of the data, which is the root partition's; the index behind it is whole.
    bytes.fill(0x55, bytes.length - 400, bytes.length - 390)
    writeFileSync(image('damaged.xz'), bytes)
    const folder = newFolder()
    await expect(flash(image('damaged.xz'), toFile(join(folder, 'card.img')))).rejects.toMatchObject({
      code: 'damaged',
    })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe.skipIf(!hasCardTools())('a card', () => {
  const imageBytes = () => readFileSync(image('bookworm.img')).length

  it.each([0, 512, 5_000_000])('with %i bytes more than the image is written and read back', async more => {
    const card = fakeCard(imageBytes() + more)
    const report = await flash(image('bookworm.img'), () => openDevice(card, openPlain))
    for (const { path, content } of report.files) expect(readFromCard(card.path, path).equals(content), path).toBe(true)
    const written = readFileSync(card.path)
    expect(sha256(written.subarray(0, report.imageBytes))).toBe(report.sha256)
    expect(written.length).toBe(card.sizeBytes)
  })

  it('that takes little at a time is written', async () => {
    const card = fakeCard(imageBytes())
    const slow = openFlaky({ fromByte: 0, kind: 'short' })
    const report = await flash(image('bookworm.img'), () => openDevice(card, slow))
    expect(sha256(readFileSync(card.path))).toBe(report.sha256)
    expect(slow.closed()).toBe(1)
  })

  it.each([
    ['EIO', -5, 0],
    ['EIO', -5, 30_000_000],
    ['ENXIO', -6, 20_000_000],
    ['ENODEV', -19, 20_000_000],
    ['Unknown system error -123', -123, 20_000_000],
  ])('that is pulled out while it is written (%s) must be written again', async (code, errno, fromByte) => {
    const pulled = openFlaky({ fromByte, kind: 'error', code, errno })
    const card = fakeCard(imageBytes())
    const failed = flash(image('bookworm.img'), () => openDevice(card, pulled))
    await expect(failed).rejects.toMatchObject({ code: 'unplugged' })
    await expect(failed).rejects.toThrow(
      /^The card in .*sdz stopped answering after \d+ MB \(.*\): it was pulled out or is failing, and must be written again\.$/,
    )
    expect(pulled.closed()).toBe(1)
  })

  it.each(['read error', 'sync error'] as const)('that is pulled out later (%s) must be written again', async kind => {
    const pulled = openFlaky({ fromByte: 9_000_000, kind, code: 'EIO', errno: -5 })
    const card = fakeCard(imageBytes())
    await expect(flash(image('bookworm.img'), () => openDevice(card, pulled))).rejects.toThrow(
      /must be written again\.$/,
    )
    expect(pulled.closed()).toBe(1)
  })

  it.each([0, 4_194_304, 47_000_000])('that forgets what is written from byte %i on is found out', async fromByte => {
    const forgetful = openFlaky({ fromByte, kind: 'drop' })
    const card = fakeCard(imageBytes())
    const failed = flash(image('bookworm.img'), () => openDevice(card, forgetful))
    await expect(failed).rejects.toMatchObject({ code: 'bad_value' })
    const block = Math.floor(fromByte / 4_194_304) * 4_194_304
    await expect(failed).rejects.toThrow(
      `${card.path} does not keep what is written to it: from ${(block / 1e6).toFixed(0)} MB on it reads back differently`,
    )
  })

  it.each([
    ['EBUSY', 'is in use by another program'],
    ['EACCES', 'run the same command with sudo'],
    ['Unknown system error -123', 'There is no card in'],
  ])('that cannot be opened (%s) is explained', async (code, message) => {
    const errno = code === 'EBUSY' ? -16 : code === 'EACCES' ? -13 : -123
    const opener: OpenHandle = () => Promise.reject(Object.assign(new Error('no'), { code, errno }))
    await expect(openDevice(fakeCard(1_000_000), opener)).rejects.toThrow(message)
  })
})

/** A loop device over a file; null where there are none, as in most containers. */
function loopDevice(file: string): string | null {
  const made = spawnSync('losetup', ['-f', '--show', file], { encoding: 'utf8' })
  return made.status === 0 ? made.stdout.trim() : null
}

describe.skipIf(!hasCardTools())('a block device', () => {
  it('is written past the system’s memory, and belongs to one program at a time', async ({ skip }) => {
    const card = fakeCard(60 * 1_048_576)
    const path = loopDevice(card.path)
    if (path === null) return skip('NOT TESTED: block devices, since this machine gives no loop devices')
    try {
      const disk = { ...card, path }
      const report = await flash(image('trixie.img.xz'), async () => {
        const target = await openDevice(disk, open)
        await expect(openDevice(disk, open)).rejects.toThrow(`${path} is in use by another program`)
        return target
      })
      expect(report.readsStorage).toBe(true)
      for (const { path: name, content } of report.files) {
        expect(readFromCard(path, name).equals(content), name).toBe(true)
      }
      execFileSync('sync')
      expect(sha256(readFileSync(card.path).subarray(0, report.imageBytes))).toBe(report.sha256)
    } finally {
      spawnSync('losetup', ['-d', path])
    }
    expect(existsSync(card.path)).toBe(true)
  })
})
