import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BlobCache, fetchBlob, hashOf } from '../../../../device/blobs/index.ts'
import { seededRandom, sha256Hex } from '../../../../protocol/index.ts'
import { rangeServer, scriptedHttp } from '../../../support/device/scripted-http.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { hastyClock, settle } from '../../../support/virtual-clock.ts'

const newFolder = tempDirs()
const CONTENT = seededRandom('content').bytes(3_000_000)
const WHOLE = {
  blob: sha256Hex(hashOf(CONTENT)),
  digest: sha256Hex(hashOf(CONTENT)),
  offset: 0,
  length: CONTENT.length,
}
const PIECE = CONTENT.subarray(5_000, 12_000)
const PART = { blob: WHOLE.blob, digest: sha256Hex(hashOf(PIECE)), offset: 5_000, length: PIECE.length }
const URL = 'http://region.example:8080'

function world(http: ReturnType<typeof scriptedHttp>, folder = newFolder()) {
  const clock = hastyClock()
  const cache = new BlobCache({ clock }, { folder, quotaBytes: 10_000_000 })
  const components = { clock, random: seededRandom('fetch'), http: http.client, cache }
  const fetch = (want = WHOLE, signal?: AbortSignal) => fetchBlob(components, URL, want, signal)
  const outcome = (want = WHOLE) =>
    fetch(want).then(
      bytes => ({ sha256: hashOf(bytes) }),
      error => ({ error }),
    )
  const ranges = () => http.requests.map(({ headers }) => headers.range ?? 'all')
  return { clock, cache, fetch, outcome, ranges, folder, http }
}

describe('fetchBlob', () => {
  it('fetches a whole blob once', async () => {
    const { outcome, ranges, http } = world(scriptedHttp(rangeServer(CONTENT)))
    expect(await outcome()).toEqual({ sha256: WHOLE.digest })
    expect(await outcome()).toEqual({ sha256: WHOLE.digest })
    expect(ranges()).toEqual(['all'])
    expect(http.requests[0]?.url).toBe(`${URL}/blob/${WHOLE.blob}`)
  })

  it('fetches exactly a part, and checks exactly that part', async () => {
    const { fetch, ranges } = world(scriptedHttp(rangeServer(CONTENT)))
    expect(await fetch(PART)).toEqual(PIECE)
    expect(ranges()).toEqual(['bytes=5000-11999'])
  })

  it('writes no part to the card, since it is the input of one lease, and goes on with one that broke off all the same', async () => {
    const long = { ...PART, offset: 0, length: 2_500_000, digest: sha256Hex(hashOf(CONTENT.subarray(0, 2_500_000))) }
    const { fetch, ranges, folder, cache } = world(scriptedHttp(rangeServer(CONTENT, 2_000_000)))
    expect(await fetch(long)).toEqual(CONTENT.subarray(0, 2_500_000))
    expect(ranges()).toEqual(['bytes=0-2499999', 'bytes=2000000-2499999'])
    expect([cache.bytes, readdirSync(folder)]).toEqual([0, []])
  })

  it('goes on where a transfer broke off', async () => {
    const { outcome, ranges } = world(scriptedHttp(rangeServer(CONTENT, 1_400_000)))
    expect(await outcome()).toEqual({ sha256: WHOLE.digest })
    expect(ranges()).toEqual(['all', 'bytes=1400000-2999999', 'bytes=2800000-2999999'])
  })

  it('goes on after a restart of the device', async () => {
    const folder = newFolder()
    const first = world(scriptedHttp(rangeServer(CONTENT, 1_400_000), new Error('gone')), folder)
    expect(await first.outcome()).toMatchObject({ error: { info: { code: 'no_blob' } } })
    const second = world(scriptedHttp(rangeServer(CONTENT)), folder)
    expect(await second.outcome()).toEqual({ sha256: WHOLE.digest })
    expect(second.ranges()).toEqual(['bytes=1400000-2999999'])
  })

  it('starts over when the server ignores ranges', async () => {
    const whole = { status: 200, body: CONTENT }
    const { outcome } = world(scriptedHttp(rangeServer(CONTENT, 900_000), whole))
    expect(await outcome()).toEqual({ sha256: WHOLE.digest })
  })

  it('starts over when the bytes are not the ones that were named', async () => {
    const wrong = CONTENT.slice()
    wrong[77] = (wrong[77] ?? 0) ^ 1
    const { outcome, ranges } = world(scriptedHttp(rangeServer(wrong), rangeServer(CONTENT)))
    expect(await outcome()).toEqual({ sha256: WHOLE.digest })
    expect(ranges()).toEqual(['all', 'all'])
  })

  it('gives up on a server that keeps sending something else', async () => {
    const { outcome, ranges, folder } = world(scriptedHttp(rangeServer(new Uint8Array(CONTENT.length))))
    expect(await outcome()).toMatchObject({ error: { info: { code: 'no_blob', sha256: WHOLE.blob } } })
    expect(ranges()).toHaveLength(3)
    expect(existsSync(join(folder, WHOLE.digest))).toBe(false)
  })

  it('gives up at once on a blob that is not there', async () => {
    const { outcome, ranges } = world(scriptedHttp({ status: 404 }))
    const { error } = (await outcome()) as { error: Error }
    expect(error.message).toMatch(/cannot be had: The blob store at region.example:8080 answers with status 404\./)
    expect(ranges()).toHaveLength(1)
  })

  it('tries a region out of reach six times and gives up', async () => {
    const { outcome, ranges } = world(scriptedHttp(new Error('ECONNREFUSED')))
    expect(await outcome()).toMatchObject({ error: { message: expect.stringContaining('cannot be reached') } })
    expect(ranges()).toHaveLength(6)
  })

  it('does not take more than was named', async () => {
    const longer = { status: 200, body: new Uint8Array([...CONTENT.subarray(0, 100), 1, 2, 3]) }
    const first = CONTENT.subarray(0, 100)
    const digest = sha256Hex(hashOf(first))
    const { outcome } = world(scriptedHttp(longer))
    expect(await outcome({ blob: digest, digest, offset: 0, length: 100 })).toEqual({ sha256: digest })
  })

  it('does not take a range that begins elsewhere', async () => {
    const headers = { 'content-range': `bytes 0-${PIECE.length - 1}/3000000` }
    const { outcome } = world(scriptedHttp({ status: 206, headers, body: CONTENT.subarray(0, PIECE.length) }))
    expect(await outcome(PART)).toMatchObject({ error: { info: { code: 'no_blob' } } })
  })

  it('refuses to hold more than a device can', async () => {
    const { outcome, ranges } = world(scriptedHttp({ status: 200 }))
    expect(await outcome({ ...WHOLE, length: 2 ** 27 })).toMatchObject({ error: { info: { code: 'no_blob' } } })
    expect(ranges()).toEqual([])
  })

  it('stops when nobody needs the bytes any more, and keeps what it has', async () => {
    const abort = new AbortController()
    const folder = newFolder()
    const server = rangeServer(CONTENT, 1_400_000)
    const http = scriptedHttp(server, () => {
      abort.abort()
      return { status: 500 }
    })
    const { fetch } = world(http, folder)
    await expect(fetch(WHOLE, abort.signal)).rejects.toMatchObject({ info: { code: 'cancelled' } })
    await settle()
    const later = world(scriptedHttp(rangeServer(CONTENT)), folder)
    await later.fetch()
    expect(later.ranges()).toEqual(['bytes=1400000-2999999'])
  })
})
