import { createHash } from 'node:crypto'
import { truncateSync, unlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openBlobStore } from '../../../../coordinator/blobs/index.ts'
import { seededRandom } from '../../../../protocol/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()
const CONTENT = seededRandom('parts').bytes(1_000_000)
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

function world() {
  const blobs = openBlobStore(newFolder())
  return { blobs, hash: blobs.put(CONTENT) }
}

describe('the digest of a part', () => {
  it.each([
    ['of many pieces', 1, 999_998],
    ['of one byte', 999_999, 1],
    ['that is the whole', 0, 1_000_000],
    ['without bytes', 500, 0],
  ])('%s is that of exactly these bytes', async (_what, offset, length) => {
    const { blobs, hash } = world()
    expect(await blobs.digestOf(hash, offset, length)).toEqual(sha256(CONTENT.subarray(offset, offset + length)))
  })

  it('is read once for everybody who asks at the same time, and is at hand for who asks later', async () => {
    const { blobs, hash } = world()
    const first = blobs.digestOf(hash, 0, 600_000)
    expect(blobs.digestOf(hash, 0, 600_000)).toBe(first)
    const digest = await first
    // Nothing is read again: the file is gone.
    unlinkSync(blobs.path(hash))
    expect(blobs.digestOf(hash, 0, 600_000)).toBe(digest)
  })

  it('comes for every part, however many are asked for at once', async () => {
    const { blobs, hash } = world()
    const parts = Array.from({ length: 40 }, (_, index) => ({ offset: index * 20_000, length: 19_000 + index }))
    const digests = await Promise.all(parts.map(({ offset, length }) => blobs.digestOf(hash, offset, length)))
    expect(digests).toEqual(parts.map(({ offset, length }) => sha256(CONTENT.subarray(offset, offset + length))))
  })

  it('is refused for a blob that is not there or is too short, and may be asked for again', async () => {
    const { blobs, hash } = world()
    truncateSync(blobs.path(hash), 300_000)
    await expect(blobs.digestOf(hash, 0, 300_001)).rejects.toMatchObject({ info: { code: 'damaged' } })
    expect(await blobs.digestOf(hash, 0, 300_000)).toEqual(sha256(CONTENT.subarray(0, 300_000)))
    unlinkSync(blobs.path(hash))
    for (let tries = 0; tries < 3; tries++) {
      await expect(blobs.digestOf(hash, 0, 5)).rejects.toMatchObject({ info: { code: 'not_found' } })
    }
    blobs.put(CONTENT)
    expect(await blobs.digestOf(hash, 0, 5)).toEqual(sha256(CONTENT.subarray(0, 5)))
  })
})
