/** The FAT file system against mtools, which read and write it independently, and fsck.vfat, which finds what is wrong. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FatVolume } from '../../../../hardware/image/fat/volume.ts'
import { SparseImage } from '../../../../hardware/image/sparse-image.ts'
import { BOOT_OFFSET, checkCard, hasCardTools, listCard, makeCardImage, readFromCard } from './card-images.ts'

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

function openCard(fat: 16 | 32, files: Record<string, string | Uint8Array>): Opened {
  const bootMebi = fat === 32 ? 40 : 16
  const path = join(folder, `fat${fat}.img`)
  makeCardImage(path, { files, fat, bootMebi, rootMebi: 1 })
  const bytes = readFileSync(path)
  const image = new SparseImage(bytes.length)
  image.write(0, bytes)
  const volume = new FatVolume(image.part(BOOT_OFFSET, bootMebi * MEBI))
  return { path, bootMebi, volume, save: () => writeFileSync(path, image.read(0, bytes.length)) }
}

describe.skipIf(!hasCardTools()).each([16, 32] as const)('FAT%i', fat => {
  const before = {
    'config.txt': 'dtparam=audio=on\n',
    'LICENCE.broadcom': 'long name',
    'UPPER.TXT': 'short name',
    'overlays/i2c-sensor.dtbo': new Uint8Array(3_000).fill(5),
    'start4.elf': new Uint8Array(70_000).map((_, index) => index % 251),
  }

  it('reads what mtools wrote', () => {
    const { volume } = openCard(fat, before)
    expect(volume.list().toSorted()).toEqual(['LICENCE.broadcom', 'UPPER.TXT', 'config.txt', 'overlays', 'start4.elf'])
    expect(volume.list('overlays')).toEqual(['i2c-sensor.dtbo'])
    for (const [name, content] of Object.entries(before)) expect(volume.read(name)).toEqual(Buffer.from(content))
    expect(volume.read('CONFIG.TXT')?.toString()).toBe('dtparam=audio=on\n')
    expect([volume.read('nothing'), volume.read('overlays'), volume.read('nowhere/file')]).toEqual([null, null, null])
  })

  it('writes what mtools read, and fsck.vfat has nothing to say', () => {
    const { path, bootMebi, volume, save } = openCard(fat, before)
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
    for (const [name, content] of Object.entries(wanted)) volume.write(name, Buffer.from(content), NOW_MS)
    save()
    checkCard(path, bootMebi)
    for (const [name, content] of Object.entries(wanted)) {
      expect(readFromCard(path, name).equals(Buffer.from(content)), name).toBe(true)
      expect(volume.read(name)).toEqual(Buffer.from(content))
    }
    expect(listCard(path).toSorted()).toEqual([...new Set([...Object.keys(before), ...Object.keys(wanted)])].toSorted())
    expect(free - volume.freeBytes()).toBeGreaterThan(300_000 - 70_000)
  })

  it('is right after any writes', () => {
    const card = openCard(fat, before)
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
          card.volume.write(name, content, NOW_MS)
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

  it('grows a folder by many files, and says when there is no room', () => {
    const { path, bootMebi, volume, save } = openCard(fat, {})
    for (let number = 0; number < 150; number++)
      volume.write(`many/file-number-${number}.txt`, Buffer.from(`${number}`), NOW_MS)
    const free = volume.freeBytes()
    expect(() => volume.write('large', new Uint8Array(free + 1), NOW_MS)).toThrow(/boot partition has \d+ bytes free/)
    volume.write('just-fits', new Uint8Array(free - 4_096).fill(1), NOW_MS)
    save()
    checkCard(path, bootMebi)
    expect(readFromCard(path, 'many/file-number-149.txt').toString()).toBe('149')
    expect(volume.list('many')).toHaveLength(150)
  })
})

describe.skipIf(!hasCardTools())('a damaged file system', () => {
  it('is refused with a sentence, whatever is wrong, and never read for ever', () => {
    const { path } = openCard(32, { 'config.txt': 'x', 'folder/file': 'y' })
    const good = readFileSync(path).subarray(BOOT_OFFSET, BOOT_OFFSET + 40 * MEBI)
    const interesting = fc.oneof(
      fc.integer({ min: 0, max: 90 }),
      // The allocation table's beginning, and the root folder behind both copies of it.
      fc.integer({ min: 32 * 512, max: 32 * 512 + 64 }),
      fc.integer({ min: 0, max: 4_096 }).map(at => good.readUInt32LE(36) * 512 * 2 + 32 * 512 + at),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(interesting, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
        flips => {
          const image = new SparseImage(good.length)
          image.write(0, good)
          for (const [at, byte] of flips) image.write(at, Buffer.from([byte]))
          try {
            const volume = new FatVolume(image)
            for (const name of volume.list()) volume.read(name)
            volume.write('user-data', Buffer.from('x'), NOW_MS)
          } catch (error) {
            expect((error as Error).message).toMatch(/^The boot partition (of the image is damaged|has \d+ bytes free)/)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
