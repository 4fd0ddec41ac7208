import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { type BlobStore, openBlobStore } from '../../../../coordinator/blobs/index.ts'
import { AssertionError, ConfigError, concatBytes, seededRandom, sha256Hex, utf8 } from '../../../../protocol/index.ts'
import { hashOf } from '../../../support/coordinator-http.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const tempDir = tempDirs()
const bytes = seededRandom('blobs').bytes(200_000)
const hash = hashOf(bytes)
const unfinished = (dir: string) => readdirSync(join(dir, 'incoming'))

async function* pieces(...parts: Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* parts
}

async function* failing(part: Uint8Array, error: Error): AsyncIterable<Uint8Array> {
  yield part
  throw error
}

function failureOf(action: () => unknown): ConfigError {
  try {
    action()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('bytes put whole', () => {
  test.each([
    ['some', bytes],
    ['none', new Uint8Array()],
  ])('are there by their hash: %s', (_, content) => {
    const dir = tempDir()
    const blobs = openBlobStore(dir)
    const name = hashOf(content)
    expect(blobs.has(name)).toBeNull()
    expect(blobs.put(content)).toBe(name)
    expect(blobs.put(content)).toBe(name)
    expect(blobs.has(name)).toEqual({ size: content.length })
    expect(blobs.read(name)).toEqual(content)
    expect(blobs.path(name)).toBe(join(dir, name.slice(0, 2), name))
    expect(statSync(blobs.path(name)).mode & 0o777).toBe(0o600)
    expect(blobs.usedBytes()).toBe(content.length)
    expect(unfinished(dir)).toEqual([])
  })

  test('are there after the next start, and counted', () => {
    const dir = tempDir()
    openBlobStore(dir).put(bytes)
    const blobs = openBlobStore(dir)
    expect(blobs.usedBytes()).toBe(bytes.length)
    expect(blobs.read(hash)).toEqual(bytes)
  })
})

describe('a part', () => {
  test.each([
    [0, 10],
    [199_990, 10],
    [5, 0],
    [200_000, 0],
    [7, undefined],
  ])('from %i of %s bytes is read', (offset, length) => {
    const blobs = openBlobStore(tempDir())
    blobs.put(bytes)
    expect(blobs.read(hash, offset, length)).toEqual(
      bytes.slice(offset, length === undefined ? undefined : offset + length),
    )
  })

  test.each([
    [-1, 1],
    [0, -1],
  ])('from %i of %s bytes is a bug', (offset, length) => {
    const blobs = openBlobStore(tempDir())
    blobs.put(bytes)
    expect(() => blobs.read(hash, offset, length)).toThrow(AssertionError)
  })

  test.each([
    [0, 200_001],
    [200_001, undefined],
  ])('from %i of %s bytes is not in the blob', (offset, length) => {
    const blobs = openBlobStore(tempDir())
    blobs.put(bytes)
    const path = blobs.path(hash)
    expect(failureOf(() => blobs.read(hash, offset, length)).info).toEqual({ code: 'damaged', path, reason: 'short' })
  })

  test('is streamed', async () => {
    const blobs = openBlobStore(tempDir())
    blobs.put(bytes)
    expect((await buffer(blobs.readStream(hash))).equals(bytes)).toBe(true)
    expect((await buffer(blobs.readStream(hash, { start: 9, end: 150_000 }))).equals(bytes.subarray(9, 150_001))).toBe(
      true,
    )
  })

  test('of what is not there fails in a sentence', async () => {
    const blobs = openBlobStore(tempDir())
    expect(failureOf(() => blobs.read(hash)).info).toEqual({ code: 'not_found', path: hash })
    await expect(buffer(blobs.readStream(hash))).rejects.toThrow('ENOENT')
  })

  test('is not made up when the file was cut short under it', async () => {
    const blobs = openBlobStore(tempDir())
    blobs.put(bytes)
    truncateSync(blobs.path(hash), 100)
    expect(failureOf(() => blobs.read(hash, 0, 200)).message).toContain('ends after 100 bytes')
    expect(blobs.read(hash, 0, 100)).toEqual(bytes.slice(0, 100))
  })
})

describe('bytes written piece by piece', () => {
  test('are there once finished', () => {
    const dir = tempDir()
    const blobs = openBlobStore(dir)
    const writer = blobs.writer()
    writer.write(bytes.subarray(0, 3))
    writer.write(bytes.subarray(3))
    expect(blobs.has(hash)).toBeNull()
    expect(writer.finish()).toEqual({ sha256: hash, size: bytes.length })
    writer.abort()
    expect(blobs.read(hash)).toEqual(bytes)
    expect(blobs.usedBytes()).toBe(bytes.length)
    expect(unfinished(dir)).toEqual([])
    expect(() => writer.write(bytes)).toThrow(AssertionError)
  })

  test('are forgotten when aborted', () => {
    const dir = tempDir()
    const blobs = openBlobStore(dir)
    const writer = blobs.writer()
    writer.write(bytes)
    writer.abort()
    writer.abort()
    expect([blobs.has(hash), blobs.usedBytes(), unfinished(dir)]).toEqual([null, 0, []])
    expect(() => writer.finish()).toThrow(AssertionError)
  })

  test('that are there already are kept once', () => {
    const blobs = openBlobStore(tempDir())
    blobs.put(bytes)
    const writer = blobs.writer()
    writer.write(bytes)
    expect(writer.finish()).toEqual({ sha256: hash, size: bytes.length })
    expect(blobs.usedBytes()).toBe(bytes.length)
  })

  test('are held in memory while they are few, and come out whole however many they become', async () => {
    const dir = tempDir()
    const blobs = openBlobStore(dir)
    const writer = blobs.writer()
    const long = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251)
    const piece = new Uint8Array(1_000)
    for (let at = 0; at < long.length; at += piece.length) {
      // The writer's caller may use its memory again.
      piece.set(long.subarray(at, at + piece.length))
      writer.write(piece)
      if (at === 10_000) expect(unfinished(dir)).toEqual([])
      if (at === 30_000) await writer.flush()
      if (at >= 30_000) expect(unfinished(dir)).toHaveLength(1)
    }
    expect(writer.finish()).toEqual({ sha256: hashOf(long), size: long.length })
    expect(blobs.read(hashOf(long))).toEqual(long)
    expect([blobs.usedBytes(), unfinished(dir)]).toEqual([long.length, []])
  })

  test('need no file where they are stored already', async () => {
    const dir = tempDir()
    const blobs = openBlobStore(dir)
    const few = bytes.slice(0, 1_000)
    blobs.put(few)
    const writer = blobs.writer()
    writer.write(few)
    await writer.flush()
    expect(unfinished(dir)).toEqual([])
    writer.write(few)
    const twice = concatBytes(few, few)
    expect(writer.finish()).toEqual({ sha256: hashOf(twice), size: twice.length })
    expect([blobs.usedBytes(), unfinished(dir)]).toEqual([few.length + twice.length, []])
  })

  test('may be none', () => {
    const blobs = openBlobStore(tempDir())
    expect(blobs.writer().finish()).toEqual({ sha256: hashOf(new Uint8Array()), size: 0 })
    expect(blobs.has(hashOf(new Uint8Array()))).toEqual({ size: 0 })
  })
})

describe('bytes that arrive', () => {
  const put = (blobs: BlobStore, source: AsyncIterable<Uint8Array>, bytesMax = bytes.length) =>
    blobs.putStream(source, hash, bytesMax)

  test('are there once all have come', async () => {
    const dir = tempDir()
    const blobs = openBlobStore(dir)
    const source = () => pieces(bytes.subarray(0, 1), new Uint8Array(), bytes.subarray(1))
    expect(await put(blobs, source())).toEqual({ status: 'created', bytes: bytes.length })
    expect(await put(blobs, source())).toEqual({ status: 'exists', bytes: bytes.length })
    expect(blobs.read(hash)).toEqual(bytes)
    expect([blobs.usedBytes(), unfinished(dir)]).toEqual([bytes.length, []])
  })

  test.each<[string, Uint8Array, number, string]>([
    ['are not what was named', bytes.subarray(1), bytes.length, 'wrong_hash'],
    ['are more than allowed', bytes, bytes.length - 1, 'too_large'],
  ])('and %s leave nothing behind', async (_, content, bytesMax, status) => {
    const dir = tempDir()
    const blobs = openBlobStore(dir)
    expect(await put(blobs, pieces(content.subarray(0, 9), content.subarray(9)), bytesMax)).toMatchObject({ status })
    expect([blobs.has(hash), blobs.usedBytes(), unfinished(dir)]).toEqual([null, 0, []])
  })

  test("and break off leave nothing behind; the failure is the source's own", async () => {
    const dir = tempDir()
    const blobs = openBlobStore(dir)
    const error = new Error('aborted')
    await expect(put(blobs, failing(bytes, error))).rejects.toBe(error)
    expect([blobs.has(hash), blobs.usedBytes(), unfinished(dir)]).toEqual([null, 0, []])
  })

  test('side by side are stored once', async () => {
    const dir = tempDir()
    const blobs = openBlobStore(dir)
    const outcomes = await Promise.all([put(blobs, pieces(bytes)), put(blobs, pieces(bytes))])
    expect(outcomes.map(outcome => outcome.status).sort()).toEqual(['created', 'exists'])
    expect([blobs.usedBytes(), unfinished(dir)]).toEqual([bytes.length, []])
  })
})

describe('a disk that is nearly full', () => {
  test('gets no blob more, so that the database beside it can still grow', async () => {
    const blobs = openBlobStore(tempDir(), { diskReserveBytes: Number.MAX_SAFE_INTEGER })
    expect(blobs.hasRoom(1)).toBe(false)
    const failure = failureOf(() => blobs.put(new Uint8Array(1)))
    expect(failure.code).toBe('no_space')
    expect(failure.message).toMatch(/^The disk of .* move the folder to a larger disk\.$/)
    expect(blobs.usedBytes()).toBe(0)
  })
})

describe('the quota', () => {
  test('is kept by every way in, and its failure is a sentence', async () => {
    const dir = tempDir()
    const blobs = openBlobStore(dir, { quotaBytes: 100 })
    blobs.put(new Uint8Array(60))
    expect([blobs.hasRoom(40), blobs.hasRoom(41)]).toEqual([true, false])
    const failure = failureOf(() => blobs.put(new Uint8Array(41)))
    expect(failure.info).toEqual({ code: 'no_space', path: dir })
    expect(failure.message).toContain('more than the 100 bytes')
    await expect(blobs.putStream(pieces(bytes), hash, 1e6)).rejects.toMatchObject({ code: 'no_space' })
    const writer = blobs.writer()
    writer.write(new Uint8Array(30))
    expect(failureOf(() => blobs.put(new Uint8Array(20))).code).toBe('no_space')
    writer.abort()
    expect(blobs.usedBytes()).toBe(60)
    blobs.put(utf8('forty bytes more are just what fits here'))
    expect([blobs.usedBytes(), unfinished(dir)]).toEqual([100, []])
  })
})

describe('opening', () => {
  test('deletes what was not finished and counts only blobs', () => {
    const dir = tempDir()
    mkdirSync(join(dir, 'incoming'))
    mkdirSync(join(dir, 'ab'))
    writeFileSync(join(dir, 'incoming', '7'), 'half')
    writeFileSync(join(dir, 'ab', 'notes.txt'), 'mine')
    expect(openBlobStore(dir).usedBytes()).toBe(0)
    expect(unfinished(dir)).toEqual([])
    expect(readFileSync(join(dir, 'ab', 'notes.txt'), 'utf8')).toBe('mine')
  })

  test('a folder that cannot be written fails in a sentence', () => {
    const file = join(tempDir(), 'file')
    writeFileSync(file, '')
    const failure = failureOf(() => openBlobStore(join(file, 'blobs')))
    expect(failure.info).toMatchObject({ code: 'bad_option', reason: 'not_writable' })
    expect(failure.message).toContain('choose a folder this user may write to')
  })
})

test('a process that is killed leaves whole blobs only, and all it said it had stored', async () => {
  const dir = tempDir()
  for (let round = 0; round < 3; round++) {
    const script = join(import.meta.dirname, '../../../support/blob-writer.ts')
    const writer = spawn(process.execPath, [script, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    const stored: string[] = []
    for await (const line of createInterface(writer.stdout)) {
      if (stored.push(line) === 20 + round) writer.kill('SIGKILL')
    }
    const blobs = openBlobStore(dir)
    for (const name of stored.slice(0, -1)) expect(blobs.has(sha256Hex(name))).toEqual({ size: 30_000 })
    for (const prefix of readdirSync(dir).filter(name => name !== 'incoming')) {
      for (const name of readdirSync(join(dir, prefix))) {
        const content = readFileSync(join(dir, prefix, name))
        expect(createHash('sha256').update(content).digest('hex')).toBe(name)
      }
    }
    expect(blobs.put(concatBytes(bytes, Uint8Array.of(round)))).toHaveLength(64)
  }
})
