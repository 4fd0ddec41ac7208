/** Images in every wrapping, made by the usual programs, whole, cut short and damaged. */
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkSha256, measure, openImage } from '../../../../hardware/image/source/open.ts'
import type { ImageSource } from '../../../../hardware/image/source/source.ts'
import { hasCardTools, makeCardImage, tool } from './card-images.ts'

let folder = ''
let image: Buffer
const at = (name: string): string => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hedgerow-source-'))
  if (!hasCardTools()) return
  makeCardImage(at('card.img'), { files: { 'config.txt': 'x' }, fat: 16, rootMebi: 3 })
  image = readFileSync(at('card.img'))
  const xz = (name: string, ...options: string[]): void => {
    tool('xz', '-k', '-f', ...options, at('card.img'))
    copyFileSync(at('card.img.xz'), at(name))
  }
  xz('blocks.xz', '-1', '--block-size=1MiB')
  xz('strong.xz', '-9')
  xz('crc32.xz', '-1', '--check=crc32')
  xz('sha256.xz', '-1', '--check=sha256')
  tool('gzip', '-k', '-1', at('card.img'))
  tool('zip', '-q', '-1', '-j', at('one.zip'), at('card.img'))
  copyFileSync(at('card.img'), at('other.img'))
  tool('zip', '-q', '-1', '-j', at('two.zip'), at('card.img'), at('other.img'))
  tool('zip', '-q', '-1', '-j', at('none.zip'), at('crc32.xz'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function unpack(source: ImageSource): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of source.open()) hash.update(chunk)
  return hash.digest('hex')
}

/** A copy with something done to it. */
function changed(name: string, change: (path: string) => void): string {
  const path = at(`changed-${name}`)
  copyFileSync(at(name), path)
  change(path)
  return path
}

const cut = (path: string): void => truncateSync(path, Math.floor(readFileSync(path).length * 0.7))

describe.skipIf(!hasCardTools())('an image', () => {
  it.each([
    ['card.img', 'img', true],
    ['blocks.xz', 'xz', true],
    ['strong.xz', 'xz', true],
    ['crc32.xz', 'xz', true],
    ['card.img.gz', 'gzip', false],
    ['one.zip', 'zip', true],
  ])('in %s is found by its content, and comes out as it was', async (name, kind, exact) => {
    const path = at('without-an-ending')
    copyFileSync(at(name), path)
    const source = await openImage(path)
    expect(source).toMatchObject({ kind, exact, imageBytes: image.length, fileBytes: readFileSync(path).length })
    const sizes: number[] = []
    expect(await measure(source, done => sizes.push(done))).toBe(image.length)
    expect(sizes.at(-1)).toBe(image.length)
    expect(await unpack(source)).toBe(createHash('sha256').update(image).digest('hex'))
  })

  it('may be left in the middle, and opened again', async () => {
    const source = await openImage(at('blocks.xz'))
    for (let turn = 0; turn < 3; turn++) {
      const chunks = source.open()
      await chunks.next()
      await chunks.return?.()
    }
    expect(await measure(source, () => {})).toBe(image.length)
  })

  it.each([
    ['blocks.xz', /is cut short: it has no end of an xz file/],
    ['one.zip', /is damaged or cut short \(End of central directory/],
    ['card.img.gz', /is damaged or cut short \(unexpected end of file\)/],
  ])('in %s that is cut short is noticed', async (name, message) => {
    const path = changed(name, cut)
    await expect(openImage(path).then(source => measure(source, () => {}))).rejects.toThrow(message)
  })

  it.each(['blocks.xz', 'crc32.xz', 'card.img.gz', 'one.zip'])(
    'in %s that is damaged inside is noticed',
    async name => {
      const path = changed(name, file => {
        const bytes = readFileSync(file)
        bytes.fill(0x55, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 8)
        writeFileSync(file, bytes)
      })
      const read = openImage(path).then(source => measure(source, () => {}))
      await expect(read).rejects.toMatchObject({ code: 'damaged' })
      await expect(read).rejects.toThrow(/is damaged or cut short \(.*\): download it again\.$/)
    },
  )

  it.each([
    ['two.zip', /has 2 images inside/],
    ['none.zip', /has no \.img file inside/],
    ['sha256.xz', /packed in a way that is not understood: decompress it first with 'xz -dk'/],
  ])('in %s is refused', async (name, message) => {
    await expect(openImage(at(name)).then(source => measure(source, () => {}))).rejects.toThrow(message)
  })

  it('of several xz streams is refused, since only the first would be written', async () => {
    writeFileSync(at('joined.xz'), Buffer.concat([readFileSync(at('crc32.xz')), readFileSync(at('crc32.xz'))]))
    await expect(openImage(at('joined.xz'))).rejects.toThrow('is more than one xz stream')
  })

  it('is compared with its checksum', async () => {
    const bytes = readFileSync(at('crc32.xz'))
    const sum = createHash('sha256').update(bytes).digest('hex')
    await checkSha256(at('crc32.xz'), sum.toUpperCase(), bytes.length, () => {})
    await expect(checkSha256(at('strong.xz'), sum, bytes.length, () => {})).rejects.toThrow(/not the expected one/)
    await expect(checkSha256(at('strong.xz'), 'abc', bytes.length, () => {})).rejects.toThrow('64 hexadecimal digits')
  })
})

describe('what is no image', () => {
  it.each([
    ['', 'is empty'],
    ['<!DOCTYPE html>', 'is a web page'],
    ['BZh91AY', 'is a bzip2 file'],
    [Buffer.from('28b52ffd00', 'hex'), 'is a zstd file'],
    ['hello', 'is no disk image'],
    [Buffer.alloc(2_000_000), 'is no disk image'],
  ])('is refused by its content', async (content, message) => {
    writeFileSync(at('wrong.img'), content)
    await expect(openImage(at('wrong.img'))).rejects.toThrow(message)
    await expect(openImage(at('wrong.img'))).rejects.toMatchObject({ code: 'damaged' })
  })

  it('is refused when it is a folder', async () => {
    await expect(openImage(folder)).rejects.toThrow(/is no file/)
  })
})
