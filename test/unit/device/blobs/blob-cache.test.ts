import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BlobCache, hashOf } from '../../../../device/blobs/index.ts'
import { sha256Hex } from '../../../../protocol/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const newFolder = tempDirs()

function content(fill: number, bytes: number) {
  const body = new Uint8Array(bytes).fill(fill)
  return { body, sha256: sha256Hex(hashOf(body)) }
}

async function keep(cache: BlobCache, { body, sha256 }: ReturnType<typeof content>) {
  await cache.finish(sha256, cache.part(sha256, body.length), body)
}

describe('BlobCache', () => {
  it('gives back what it keeps, in the next process too', async () => {
    const folder = newFolder()
    const clock = new VirtualClock()
    const blob = content(1, 1_000)
    await keep(new BlobCache({ clock }, { folder, quotaBytes: 5_000 }), blob)
    const again = new BlobCache({ clock }, { folder, quotaBytes: 5_000 })
    expect(await again.get(blob.sha256)).toEqual(Buffer.from(blob.body))
    expect(again.bytes).toBe(1_000)
    expect(await again.get(content(2, 10).sha256)).toBeNull()
  })

  it('makes room by dropping what was used longest ago', async () => {
    const folder = newFolder()
    const clock = new VirtualClock()
    const cache = new BlobCache({ clock }, { folder, quotaBytes: 3_000 })
    const [a, b, c, d] = [1, 2, 3, 4].map(fill => content(fill, 1_000))
    for (const blob of [a, b, c]) {
      if (blob) await keep(cache, blob)
      await clock.advance(4_000_000)
    }
    if (a) expect(await cache.get(a.sha256)).not.toBeNull()
    if (d) await keep(cache, d)
    expect(cache.bytes).toBe(3_000)
    expect(readdirSync(folder).sort()).toEqual([a?.sha256, c?.sha256, d?.sha256].sort())
  })

  it('remembers over restarts when things were used', async () => {
    const folder = newFolder()
    const clock = new VirtualClock()
    const old = content(1, 1_000)
    const young = content(2, 1_000)
    for (const blob of [young, old]) {
      await keep(new BlobCache({ clock }, { folder, quotaBytes: 5_000 }), blob)
    }
    utimesSync(join(folder, old.sha256), 1_000, 1_000)
    const cache = new BlobCache({ clock }, { folder, quotaBytes: 1_500 })
    expect(cache.bytes).toBe(1_000)
    expect(existsSync(join(folder, young.sha256))).toBe(true)
    expect(existsSync(join(folder, old.sha256))).toBe(false)
  })

  it('never hands out bytes that have changed on the card', async () => {
    const folder = newFolder()
    const cache = new BlobCache({ clock: new VirtualClock() }, { folder, quotaBytes: 5_000 })
    const blob = content(1, 1_000)
    await keep(cache, blob)
    writeFileSync(join(folder, blob.sha256), new Uint8Array(1_000).fill(9))
    expect(await cache.get(blob.sha256)).toBeNull()
    expect(cache.bytes).toBe(0)
    expect(readdirSync(folder)).toEqual([])
  })

  it('keeps nothing that is larger than its quota', async () => {
    const folder = newFolder()
    const cache = new BlobCache({ clock: new VirtualClock() }, { folder, quotaBytes: 500 })
    const blob = content(1, 1_000)
    const part = cache.part(blob.sha256, blob.body.length)
    await part.save(blob.body, 800)
    await cache.finish(blob.sha256, part, blob.body)
    expect(readdirSync(folder)).toEqual([])
    expect(cache.bytes).toBe(0)
  })

  it('counts a part as what it will become, and goes on with it after a restart', async () => {
    const folder = newFolder()
    const clock = new VirtualClock()
    const blob = content(1, 1_000)
    const cache = new BlobCache({ clock }, { folder, quotaBytes: 5_000 })
    await cache.part(blob.sha256, 1_000).save(blob.body, 400)
    expect(cache.bytes).toBe(1_000)
    const again = new BlobCache({ clock }, { folder, quotaBytes: 5_000 })
    const part = again.part(blob.sha256, 1_000)
    expect(await part.load(1_000)).toHaveLength(400)
    await again.finish(blob.sha256, part, blob.body)
    expect(await again.get(blob.sha256)).toHaveLength(1_000)
    expect(again.bytes).toBe(1_000)
  })

  it('leaves files of others alone', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    const cache = new BlobCache({ clock: new VirtualClock() }, { folder, quotaBytes: 10 })
    expect(cache.bytes).toBe(0)
    expect(readdirSync(folder)).toEqual(['notes.txt'])
  })

  it('works on without a disk', async () => {
    const file = join(newFolder(), 'file')
    writeFileSync(file, '')
    const blob = content(1, 10)
    const cache = new BlobCache({ clock: new VirtualClock() }, { folder: join(file, 'blobs'), quotaBytes: 5_000 })
    await expect(keep(cache, blob)).resolves.toBeUndefined()
    expect(await cache.get(blob.sha256)).toBeNull()
  })
})
