/** The FAT file system against mtools, which read and write it independently, and fsck.vfat, which finds what is wrong. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FatVolume } from '../../../../hardware/image/fat/volume.ts'
import { SparseImage } from '../../../../hardware/image/sparse-image.ts'
import { BOOT_OFFSET, checkCard, hasCardTools, listCard, makeCardImage, readFromCard, tool } from './card-images.ts'

const NOW_MS = Date.UTC(2026, 10, 21, 9, 30, 12)
const MEBI = 1_048_576
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hedgerow-fat-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Opened {
  readonly path: string
  readonly bootMebi: number
  readonly volume: FatVolume
  /** Writes what is in memory to the image. */
  save(): void
}

async function openCard(fat: 12 | 16 | 32, files: Record<string, string | Uint8Array>): Promise<Opened> {
  const bootMebi = { 12: 2, 16: 16, 32: 40 }[fat]
  const path = join(folder, `fat${fat}.img`)
  makeCardImage(path, { files, fat, bootMebi, rootMebi: 1 })
  const image = load(path)
  const volume = await FatVolume.open(image.part(BOOT_OFFSET, bootMebi * MEBI), NOW_MS)
  return { path, bootMebi, volume, save: () => writeFileSync(path, image.read(0, image.sizeBytes)) }
}

function load(path: string): SparseImage {
  const bytes = readFileSync(path)
  const image = new SparseImage(bytes.length)
  image.write(0, bytes)
  return image
}

describe.skipIf(!hasCardTools()).each([12, 16, 32] as const)('FAT%i', fat => {
  const before = {
    'config.txt': 'dtparam=audio=on\n',
    'LICENCE.broadcom': 'long name',
    'UPPER.TXT': 'short name',
    'overlays/i2c-sensor.dtbo': new Uint8Array(3_000).fill(5),
    'start4.elf': new Uint8Array(70_000).map((_, index) => index % 251),
  }

  it('reads what mtools wrote', async () => {
    const { volume } = await openCard(fat, before)
    expect(volume.list().toSorted()).toEqual(['LICENCE.broadcom', 'UPPER.TXT', 'config.txt', 'overlays', 'start4.elf'])
    expect(volume.list('overlays')).toEqual(['i2c-sensor.dtbo'])
    for (const [name, content] of Object.entries(before)) expect(volume.read(name)).toEqual(Buffer.from(content))
    expect(volume.read('CONFIG.TXT')?.toString()).toBe('dtparam=audio=on\n')
    expect([volume.read('nothing'), volume.read('overlays'), volume.read('nowhere/file')]).toEqual([null, null, null])
  })

  it('writes what mtools read, and fsck.vfat has nothing to say', async () => {
    const { path, bootMebi, volume, save } = await openCard(fat, before)
    const free = volume.freeBytes()
    const wanted: Record<string, string | Uint8Array> = {
      'config.txt': 'longer than before: '.repeat(200),
      'start4.elf': 'shorter',
      'user-data': '#cloud-config\n',
      'network-config': 'version: 2\n',
      'network-other': 'its short name would be the same',
      'rpi-preseed.toml': '',
      'hedgerow/first-boot.sh': '#!/bin/sh\n'.repeat(500),
      'hedgerow/deeper/ein Name mit Ümläuten.txt': 'ü',
      'hedgerow-bundle.tar.xz': new Uint8Array(300_000).fill(7),
    }
    for (const [name, content] of Object.entries(wanted)) volume.write(name, Buffer.from(content))
    save()
    checkCard(path, bootMebi)
    for (const [name, content] of Object.entries(wanted)) {
      expect(readFromCard(path, name).equals(Buffer.from(content)), name).toBe(true)
      expect(volume.read(name)).toEqual(Buffer.from(content))
    }
    expect(listCard(path).toSorted()).toEqual([...new Set([...Object.keys(before), ...Object.keys(wanted)])].toSorted())
    expect(free - volume.freeBytes()).toBeGreaterThan(300_000 - 70_000)
  })

  it('writes the same bytes at the same time of its clock, which dates them in UTC', async () => {
    const { path, bootMebi } = await openCard(fat, before)
    const write = async () => {
      const image = load(path)
      const volume = await FatVolume.open(image.part(BOOT_OFFSET, bootMebi * MEBI), NOW_MS)
      volume.write('hedgerow/status.txt', Buffer.from('new'))
      return image.read(0, image.sizeBytes)
    }
    const first = await write()
    expect((await write()).equals(first)).toBe(true)
    writeFileSync(path, first)
    const listing = tool('mdir', '-i', `${path}@@${BOOT_OFFSET}`, '::/hedgerow')
    expect(listing.match(/2026-11-21 +9:30/g)).toHaveLength(3)
  })

  it('puts nothing of one file behind the end of another', async () => {
    const { path, volume, save } = await openCard(fat, {})
    volume.write('claim', Buffer.from('SECRET-'.repeat(60)))
    volume.write('status', Buffer.from('ready'))
    save()
    expect(readFileSync(path, 'latin1').match(/SECRET-/g)).toHaveLength(60)
  })

  it('leaves a write-protected file as it is, and says so', async () => {
    const { path, bootMebi } = await openCard(fat, before)
    tool('mattrib', '+r', '-i', `${path}@@${BOOT_OFFSET}`, '::/config.txt')
    const volume = await FatVolume.open(load(path).part(BOOT_OFFSET, bootMebi * MEBI))
    expect(() => volume.write('config.txt', Buffer.from('new'))).toThrow(/a file that is write-protected.*config\.txt/)
    expect(volume.read('config.txt')?.toString()).toBe('dtparam=audio=on\n')
  })

  it('is right after any writes', async () => {
    const card = await openCard(fat, before)
    const names = fc.constantFrom(
      'a',
      'a-long-name.yaml',
      'a-long-other.yaml',
      'B.TXT',
      'x/y',
      'x/z.conf',
      'x/q/r',
      'config.txt',
    )
    const sizes = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 500, max: 5_000 }), fc.constant(120_000))
    const said = new Map<string, Buffer>()
    fc.assert(
      fc.property(fc.array(fc.tuple(names, sizes, fc.integer({ min: 1, max: 255 })), { maxLength: 12 }), writes => {
        for (const [name, size, byte] of writes) {
          const content = Buffer.alloc(size, byte)
          card.volume.write(name, content)
          said.set(name.toLowerCase(), content)
        }
        for (const [name, content] of said) expect(card.volume.read(name)?.equals(content)).toBe(true)
      }),
      { numRuns: 40 },
    )
    expect(said.size).toBeGreaterThan(4)
    card.save()
    checkCard(card.path, card.bootMebi)
    for (const [name, content] of said) expect(readFromCard(card.path, name).equals(content), name).toBe(true)
  })

  it('grows a folder by many files, and says when there is no room', async () => {
    const { path, bootMebi, volume, save } = await openCard(fat, {})
    for (let number = 0; number < 150; number++)
      volume.write(`many/file-number-${number}.txt`, Buffer.from(`${number}`))
    const free = volume.freeBytes()
    expect(() => volume.write('large', new Uint8Array(free + 1))).toThrow(/boot partition has \d+ bytes free/)
    expect(() => volume.write('many/file-number-0.txt', new Uint8Array(free + 4_096))).toThrow(/bytes free and/)
    expect([volume.read('large'), volume.read('many/file-number-0.txt')?.toString()]).toEqual([null, '0'])
    volume.write('just-fits', new Uint8Array(free - 4_096).fill(1))
    save()
    checkCard(path, bootMebi)
    expect(readFromCard(path, 'many/file-number-149.txt').toString()).toBe('149')
    expect(volume.list('many')).toHaveLength(150)
  })
})

describe.skipIf(!hasCardTools())('FAT32 with wrong hints about its free space', () => {
  it('is counted, and gets right ones', async () => {
    const { path, bootMebi, volume } = await openCard(32, { 'config.txt': 'x' })
    const image = load(path)
    const hints = Buffer.alloc(8)
    hints.writeUInt32LE(1)
    image.write(BOOT_OFFSET + 512 + 488, hints)
    const misled = await FatVolume.open(image.part(BOOT_OFFSET, bootMebi * MEBI), NOW_MS)
    expect(misled.freeBytes()).toBe(volume.freeBytes())
    misled.write('user-data', Buffer.alloc(5_000))
    writeFileSync(path, image.read(0, image.sizeBytes))
    checkCard(path, bootMebi)
  })
})

describe.skipIf(!hasCardTools())('a file system that reaches out of its partition', () => {
  const [FAT_COPIES, SECTORS, FAT_SECTORS] = [16, 32, 36]
  it.each([
    ['its size', SECTORS, 40 * 2_048 + 1, 'it is larger than its partition'],
    ['its tables', FAT_SECTORS, 50_000, 'its allocation tables are larger than itself'],
    ['a product that overflows', FAT_SECTORS, 0x8000_0001, 'its allocation tables are larger than itself'],
  ])('by %s is refused', async (_what, offset, value, reason) => {
    const { path, bootMebi } = await openCard(32, { 'config.txt': 'x' })
    const image = load(path)
    const field = Buffer.alloc(4)
    field.writeUInt32LE(value)
    image.write(BOOT_OFFSET + offset, field)
    await expect(FatVolume.open(image.part(BOOT_OFFSET, bootMebi * MEBI))).rejects.toThrow(reason)
  })

  it('by partitions of its own is not followed there', async () => {
    // The boot sector is none for FatFs, which then looks for partitions, and finds one that ends 2 MiB behind this one.
    const { path, bootMebi } = await openCard(16, {})
    const inner = BOOT_OFFSET + 2 * MEBI
    tool('mkfs.vfat', '-F', '16', '-s', '1', '--offset', String(inner / 512), path, String(bootMebi * 1024))
    const filler = join(folder, 'filler')
    writeFileSync(filler, Buffer.alloc((bootMebi - 2) * MEBI))
    tool('mcopy', '-i', `${path}@@${inner}`, filler, '::/filler')
    const image = load(path)
    image.write(BOOT_OFFSET + FAT_COPIES, Buffer.from([0]))
    const entry = Buffer.alloc(16)
    entry.writeUInt32LE((2 * MEBI) / 512, 8)
    image.write(BOOT_OFFSET + 446, entry)
    const before = image.read(0, image.sizeBytes)
    const volume = await FatVolume.open(image.part(BOOT_OFFSET, bootMebi * MEBI))
    expect(() => volume.write('large', Buffer.alloc(MEBI, 'large'))).toThrow(/damaged \(it points outside of itself/)
    const behind = BOOT_OFFSET + bootMebi * MEBI
    expect(image.read(behind, before.length - behind).equals(before.subarray(behind))).toBe(true)
  })
})

describe.skipIf(!hasCardTools()).each([12, 16, 32] as const)('a damaged FAT%i', fat => {
  it('is refused with a sentence, whatever is wrong, never read for ever, and nothing beside it is touched', async () => {
    const { path, bootMebi } = await openCard(fat, { 'config.txt': 'x', 'folder/file': 'y' })
    const card = readFileSync(path)
    const good = card.subarray(BOOT_OFFSET, BOOT_OFFSET + bootMebi * MEBI)
    const tables = good.readUInt16LE(14) * 512
    const folders = tables + (good.readUInt16LE(22) || good.readUInt32LE(36)) * 512 * good.readUInt8(16)
    const interesting = fc.oneof(
      fc.integer({ min: 0, max: 90 }),
      fc.integer({ min: tables, max: tables + 64 }),
      fc.integer({ min: folders, max: folders + 4_096 }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(interesting, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
        async flips => {
          const image = new SparseImage(card.length)
          image.write(0, card)
          for (const [at, byte] of flips) image.write(BOOT_OFFSET + at, Buffer.from([byte]))
          try {
            const volume = await FatVolume.open(image.part(BOOT_OFFSET, good.length), NOW_MS)
            for (const name of volume.list()) volume.read(name)
            volume.write('user-data', Buffer.from('x'))
            volume.write('folder/deeper/file', Buffer.alloc(20_000, 'y'))
          } catch (error) {
            expect((error as Error).message).toMatch(/^The boot partition (of the image is damaged|has \d+ bytes free)/)
          }
          expect(image.read(0, BOOT_OFFSET).equals(card.subarray(0, BOOT_OFFSET))).toBe(true)
          const behind = BOOT_OFFSET + good.length
          expect(image.read(behind, card.length - behind).equals(card.subarray(behind))).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  }, 60_000)
})
