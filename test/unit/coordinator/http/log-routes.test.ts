import { expect, test } from 'vitest'
import {
  decodeBundle,
  entriesPath,
  leafHash,
  openCheckpoint,
  parseVerifierKey,
  tileNodeReader,
  tilePath,
  tileWidth,
  treeRoot,
  verifyConsistency,
} from '../../../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../../../protocol/node/index.ts'
import { atEnd } from '../../../support/at-end.ts'
import { eventually } from '../../../support/eventually.ts'
import { ask } from '../../../support/http-client.ts'
import { SettledRegion } from '../../../support/settled-region.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newDir = tempDirs()
const later = atEnd()
const verifier = nodeVerifier()
const FOR_EVER = 'public, max-age=31536000, immutable'

async function start() {
  const region = await SettledRegion.start(newDir())
  later(() => region.stop())
  const port = Number(new URL(region.httpUrl).port)
  const get = (path: string, method = 'GET') => ask(port, { path: `/log/${path}`, method })
  const sign = async () => {
    await region.clock.advance(10_000)
    region.tick()
    await eventually('shown', () => region.settlement.checkpoint()?.size === region.log.size)
  }
  return { region, get, sign }
}

test('shows a log that a stranger can check from its checkpoint to its entries', async () => {
  const { region, get, sign } = await start()
  await region.say(600)
  await sign()
  const card = (await get('card')).json() as { logKey: string; url: string }
  expect(card.url).toBe(region.httpUrl)
  const head = openCheckpoint((await get('checkpoint')).body.toString(), parseVerifierKey(card.logKey), verifier)
  expect(head.size).toBe(600)

  const tiles = new Map<string, Uint8Array>()
  for (const [level, count] of [
    [0, 3],
    [1, 1],
  ] as const) {
    for (let index = 0; index < count; index++) {
      const answer = await get(tilePath(level, index, tileWidth(level, index, head.size)))
      expect(answer.status).toBe(200)
      expect(answer.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'cache-control': FOR_EVER,
        'access-control-allow-origin': '*',
      })
      tiles.set(`${level}/${index}`, answer.body)
    }
  }
  const read = tileNodeReader(nodeSha256, (level, index) => tiles.get(`${level}/${index}`) as Uint8Array, head.size)
  expect(treeRoot(nodeSha256, read, head.size)).toEqual(head.root)

  for (let index = 0; index < 3; index++) {
    const width = tileWidth(0, index, head.size)
    const answer = await get(entriesPath(index, width))
    expect(answer.headers['cache-control']).toBe(FOR_EVER)
    const hashes = decodeBundle(answer.body, width).map(bytes => leafHash(nodeSha256, bytes))
    expect(Buffer.concat(hashes).equals(tiles.get(`0/${index}`) as Uint8Array)).toBe(true)
  }
})

test('shows partial tiles of earlier checkpoints, and nothing that is not signed yet', async () => {
  const { region, get, sign } = await start()
  expect((await get('checkpoint')).status).toBe(404)
  await region.say(5)
  expect((await get('tile/0/000.p/5')).json()).toMatchObject({
    error: { code: 'not_found', message: expect.stringContaining('has not been signed yet') },
  })
  await sign()
  const first = region.log.head()
  const early = await get('tile/0/000.p/5')
  await region.say(7)
  // Committed, and not signed.
  expect((await get('tile/0/000.p/12')).status).toBe(404)
  expect((await get('tile/entries/000.p/6')).status).toBe(404)
  await sign()
  const second = region.log.head()
  expect((await get('tile/0/000.p/5')).body).toEqual(early.body)
  expect((await get('tile/0/000.p/9')).body.length).toBe(9 * 32)
  verifyConsistency(nodeSha256, { first, second, path: region.settlement.reader.consistency(5, 12) })
})

test.each([
  ['tile/0/000', 'is signed up to 5 entries, with which tile 000 of level 0 has 5 of 256: add .p/5'],
  ['tile/entries/000', 'bundle 000 has 5 of 256: add .p/5'],
  ['tile/0/001.p/1', 'which is before tile 001 of level 0 begins'],
  ['tile/1/000.p/1', 'before tile 000 of level 1 begins'],
  ['tile/0/0', 'There is nothing here. A log has /log/checkpoint'],
  ['tile/0/000.p/0', 'There is nothing here'],
  ['tile/0/000.p/05', 'There is nothing here'],
  ['tile/64/000', 'There is nothing here'],
  ['tile/0/x000/000', 'There is nothing here'],
  ['checkpoint/', 'There is nothing here'],
  ['', 'There is nothing here'],
])('says what there is instead of %s', async (path, sentence) => {
  const { region, get, sign } = await start()
  await region.say(5)
  await sign()
  const answer = await get(path)
  expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([404, '*'])
  expect(answer.json()).toMatchObject({ error: { message: expect.stringContaining(sentence) } })
})

test('answers HEAD, tells browsers that they may, and takes nothing', async () => {
  const { region, get, sign } = await start()
  await region.say(5)
  await sign()
  const head = await get('tile/0/000.p/5', 'HEAD')
  expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '160', 0])
  const checkpoint = await get('checkpoint')
  expect(checkpoint.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  })
  expect((await get('card')).headers['content-type']).toBe('application/json')
  const options = await get('checkpoint', 'OPTIONS')
  expect([options.status, options.headers['access-control-allow-methods']]).toEqual([204, 'GET, HEAD'])
  expect((await get('checkpoint', 'POST')).status).toBe(405)
})
