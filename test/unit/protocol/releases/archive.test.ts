import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArchiveReader, RELEASE_LIMITS, ReleaseError } from '../../../../protocol/releases/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { paxEntry, type TarEntry, tar, tarEntry } from '../../../support/updates/tar.ts'

const tempDir = tempDirs()

interface Found {
  [path: string]: { text: string; executable: boolean }
}

function read(bytes: Uint8Array, pieces = [bytes.length]): Found {
  const found: Found = {}
  let current = ''
  const reader = new ArchiveReader({
    file: (path, executable) => {
      current = path
      found[path] = { text: '', executable }
    },
    data: part => {
      const file = found[current]
      if (file !== undefined) file.text += Buffer.from(part).toString()
    },
    end: () => {},
  })
  let at = 0
  for (const piece of [...pieces, bytes.length]) {
    reader.push(bytes.subarray(at, at + piece))
    at += piece
  }
  reader.finish()
  return found
}

const PLAIN = tar(
  { path: 'package/', type: '5' },
  { path: 'package/a.txt', text: 'first' },
  { path: 'package/b/c', text: 'x'.repeat(1_000), mode: 0o4755 },
  { path: 'package/b/d', text: '' },
)

describe('an archive', () => {
  test('gives its files, with nothing of their modes but whether they can be run', () => {
    expect(read(PLAIN)).toEqual({
      'a.txt': { text: 'first', executable: false },
      'b/c': { text: 'x'.repeat(1_000), executable: true },
      'b/d': { text: '', executable: false },
    })
  })

  test('may come in pieces of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 12 }), pieces => {
        expect(read(PLAIN, pieces)).toEqual(read(PLAIN))
      }),
    )
  })

  test.each([['--format=ustar'], ['--format=pax'], ['--format=gnu']])('of the system’s tar is read: %s', format => {
    const dir = tempDir()
    const long = join('package', 'n'.repeat(90), 'm'.repeat(90), 'ö.txt')
    mkdirSync(join(dir, long, '..'), { recursive: true })
    writeFileSync(join(dir, long), 'far away')
    mkdirSync(join(dir, 'package/node_modules/.bin'), { recursive: true })
    symlinkSync('../../n', join(dir, 'package/node_modules/.bin/tool'))
    execFileSync('tar', [format, '-cf', 'out.tar', 'package'], { cwd: dir })
    expect(read(readFileSync(join(dir, 'out.tar')))).toEqual({
      [long.slice('package/'.length)]: { text: 'far away', executable: false },
    })
  })
})

const file = (path: string, more: Partial<TarEntry> = {}): TarEntry => ({ path, text: 'x', ...more })

describe('what is refused', () => {
  const bad: [string, Buffer][] = [
    ['a path upwards', tar(file('package/../../etc/passwd'))],
    ['a path upwards by a pax header', tar(paxEntry({ path: 'package/../x' }), file('package/harmless'))],
    ['an absolute path', tar(file('/etc/passwd'))],
    ['another folder', tar(file('packages/a'))],
    ['a folder that only begins alike', tar(file('package-evil/a'))],
    ['a symbolic link', tar({ path: 'package/link', type: '2', link: '/etc' }, file('package/link/passwd'))],
    ['a link in .bin with a file below it', tar({ path: 'package/node_modules/.bin', type: '2', link: '/etc' })],
    ['a hard link', tar({ path: 'package/link', type: '1', link: 'package/a' })],
    ['a device', tar({ path: 'package/null', type: '3' })],
    ['a sparse file', tar({ path: 'package/holes', type: 'S' })],
    ['a path twice', tar(file('package/a'), file('package/a'))],
    ['a file where a folder is', tar(file('package/a/b'), file('package/a'))],
    ['a folder where a file is', tar(file('package/a'), file('package/a/b'))],
    ['an empty name', tar(file('package//a'))],
    ['a control character', tar(file('package/a\nb'))],
    ['a backslash', tar(file('package\\a'))],
    ['the folder itself as a file', tar(file('package'))],
    ['a path that is too long', tar(paxEntry({ path: `package/${'n/'.repeat(300)}a` }), file('package/a'))],
    ['more bytes than a card has', tar(tarEntry({ path: 'package/a', size: RELEASE_LIMITS.unpackedBytesMax + 1 }))],
    ['a size that is none', tar(paxEntry({ size: '-5' }), file('package/a'))],
    ['a damaged header', Buffer.from(tar(file('package/a')).fill(66, 10, 11))],
    ['an end in the middle', tar(file('package/a')).subarray(0, 700)],
    ['no end', tar(file('package/a')).subarray(0, 1_024)],
    ['something after the end', Buffer.concat([tar(file('package/a')), tarEntry(file('package/b'))])],
    ['nothing', Buffer.alloc(1_024)],
  ]

  test.each(bad)('%s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(ReleaseError)
  })

  test('more files than a release has', () => {
    const many = Array.from({ length: RELEASE_LIMITS.filesMax + 1 }, (_, i) => tarEntry({ path: `package/${i}` }))
    expect(() => read(tar(...many))).toThrow(/more than/)
  })

  test('any bytes, with one sentence', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.nat(PLAIN.length), (noise, at) => {
        const bytes = Buffer.concat([PLAIN.subarray(0, at), noise])
        try {
          read(bytes)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ReleaseError)
        }
      }),
    )
  })
})
