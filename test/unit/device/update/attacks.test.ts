/** What somebody between a device and the makers of releases may try, by the list of https://theupdateframework.io/docs/security. */
import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeSource } from '../../../../device/update/index.ts'
import { systemRandom } from '../../../../protocol/node/index.ts'
import { ReleaseRepository } from '../../../../releases/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { releaseArchive, tar } from '../../../support/updates/tar.ts'
import { DAY_MS, type UpdateWorld, updateWorld } from '../../../support/updates/update-world.ts'

const tempDir = tempDirs()
let temp: string
let world: UpdateWorld

beforeEach(async () => {
  temp = tempDir()
  world = await updateWorld(temp)
})
afterEach(() => world.server.close())

const published = (path: string) => readFileSync(join(world.dir, path))
const installed = () => world.home.installed().map(({ name }) => name)
const snapshotOf = (name: string) => cpSync(world.dir, join(temp, name), { recursive: true })
const servedFrom = (name: string) => (path: string) => readFileSync(join(temp, name, path))

test('without an attack the newest version is installed and waits', async () => {
  await world.publish('1.0.0')
  await world.publish('1.1.0', { others: { 'a/b.txt': 'text' } })
  expect(await world.update()).toEqual({ version: '1.1.0', says: 'Version 1.1.0 is installed and is tried next.' })
  expect(installed()).toEqual(['1.1.0'])
  expect(world.home.staged()).toEqual({ version: '1.1.0' })
  expect(readFileSync(join(world.home.folder('1.1.0'), 'a/b.txt'), 'utf8')).toBe('text')
  expect(world.home.damage('1.1.0')).toBe(null)
  expect(readdirSync(world.home.path).sort()).toEqual(
    ['metadata', 'releases', 'root.json', 'source.json', 'staged.json', 'update.lock'].sort(),
  )
})

test('rollback: metadata of before is refused, and what was learnt is kept', async () => {
  await world.publish('1.0.0')
  snapshotOf('old')
  await world.publish('1.1.0')
  await world.update()
  world.server.lie = servedFrom('old')
  await expect(world.update()).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/less than current/),
  })
  expect(world.home.staged()).toEqual({ version: '1.1.0' })
})

test('rollback: an old snapshot below a newer timestamp of the same makers is refused', async () => {
  await world.publish('1.0.0')
  await world.publish('1.1.0')
  await world.update()
  // As if somebody had the keys of timestamp and snapshot, but not those of targets.
  const old = published('metadata/2.targets.json')
  world.repository.refresh()
  world.server.lie = path => (path.endsWith('.targets.json') ? old : undefined)
  rmSync(join(world.home.path, 'metadata', 'targets.json'))
  await expect(world.update()).rejects.toMatchObject({ code: 'refused' })
})

test('a version older than the good one is never installed, even when it is signed', async () => {
  await world.publish('1.0.0')
  await world.update()
  world.home.save({ ...world.home.state(), good: '1.0.0' })
  await world.publish('0.9.0')
  expect(await world.update()).toEqual({ version: null, says: 'Version 1.0.0 is the newest there is.' })
  expect(installed()).toEqual(['1.0.0'])
})

test('freeze: metadata that has expired is refused', async () => {
  await world.publish('1.0.0')
  world.clock.shiftMs = 8 * DAY_MS
  await expect(world.update()).rejects.toMatchObject({ code: 'expired' })
  expect(installed()).toEqual([])
  world.repository.refresh()
  expect((await world.update()).version).toBe('1.0.0')
})

test('freeze: a clock that is too slow is not believed against what was signed later', async () => {
  await world.publish('1.0.0')
  snapshotOf('old')
  world.clock.shiftMs = 40 * DAY_MS
  world.repository.refresh()
  await world.update()
  // The snapshot of today, below a timestamp that is signed for later; the device has lost its time since.
  world.clock.shiftMs = -20_000 * DAY_MS
  expect((await world.update()).version).toBe('1.0.0')
  const timestamp = JSON.parse(readFileSync(join(world.home.path, 'metadata/timestamp.json'), 'utf8'))
  timestamp.signed['x-hedgerow-issued'] += (60 * DAY_MS) / 1_000
  writeFileSync(join(world.home.path, 'metadata/timestamp.json'), JSON.stringify(timestamp))
  await expect(world.update()).rejects.toMatchObject({ code: 'expired' })
})

test('mix and match: parts of two states are refused', async () => {
  await world.publish('1.0.0')
  snapshotOf('old')
  await world.publish('1.1.0')
  const stale = servedFrom('old')
  world.server.lie = path => (path.endsWith('3.targets.json') ? stale('/metadata/2.targets.json') : undefined)
  await expect(world.update()).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/hash|length/i),
  })
  rmSync(join(world.home.path, 'metadata'), { recursive: true })
  world.server.lie = path => (path.endsWith('3.snapshot.json') ? stale('/metadata/2.snapshot.json') : undefined)
  await expect(world.update()).rejects.toMatchObject({ code: 'refused' })
  expect(installed()).toEqual([])
})

test('fast forward: versions raised with stolen keys are left behind when those keys are replaced', async () => {
  await world.publish('1.0.0')
  const stolen = new ReleaseRepository(
    { clock: world.clock, random: systemRandom },
    { dir: join(temp, 'stolen'), keys: { path: join(temp, 'keys'), passphrase: null } },
  )
  snapshotOf('stolen')
  for (let i = 0; i < 5; i++) stolen.refresh()
  world.server.lie = servedFrom('stolen')
  await world.update()
  world.server.lie = () => undefined
  await expect(world.update()).rejects.toMatchObject({ code: 'refused' })
  world.repository.rotate('timestamp')
  world.repository.rotate('snapshot')
  await world.publish('1.1.0')
  expect((await world.update()).version).toBe('1.1.0')
})

test('arbitrary software: metadata that other keys signed is refused', async () => {
  await world.publish('1.0.0')
  const other = await updateWorld(join(temp, 'other'))
  await other.publish('9.0.0')
  const lies = (path: string) => (path.includes('root') ? undefined : readFileSync(join(other.dir, path)))
  world.server.lie = lies
  await expect(world.update()).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/signed by 0\/1/),
  })
  expect(installed()).toEqual([])
  await other.server.close()
})

test('another first root is refused by its hash', async () => {
  await world.publish('1.0.0')
  world.server.lie = path => (path.endsWith('1.root.json') ? Buffer.from('{}') : undefined)
  await expect(world.update()).rejects.toMatchObject({ code: 'refused', message: expect.stringMatching(/is trusted/) })
})

test('a root that too few keys of the last one signed is refused', async () => {
  await world.publish('1.0.0')
  await world.update()
  world.repository.rotate('root')
  const root = JSON.parse(published('metadata/2.root.json').toString())
  const oldIds = JSON.parse(published('metadata/1.root.json').toString()).signed.roles.root.keyids.slice(1)
  root.signatures = root.signatures.filter(({ keyid }: { keyid: string }) => !oldIds.includes(keyid))
  world.server.lie = path => (path.endsWith('2.root.json') ? Buffer.from(JSON.stringify(root)) : undefined)
  await expect(world.update()).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/signed by 1\/2/),
  })
})

test('new keys are followed, of every role', async () => {
  await world.publish('1.0.0')
  await world.update()
  for (const role of ['root', 'targets', 'snapshot', 'timestamp', 'root'] as const) world.repository.rotate(role)
  await world.publish('1.1.0')
  expect((await world.update()).version).toBe('1.1.0')
})

test('endless metadata is cut off', async () => {
  await world.publish('1.0.0')
  let sent = 0
  world.server.lie = (path, _req, res) => {
    if (!path.endsWith('timestamp.json')) return undefined
    const chunk = Buffer.alloc(65_536, 32)
    const more = () => {
      if (res.destroyed) return
      sent += chunk.length
      res.write(chunk, () => setImmediate(more))
    }
    more()
    return 'answered'
  }
  await expect(world.update()).rejects.toThrow()
  expect(sent).toBeLessThan(64 * 1_048_576)
  expect(installed()).toEqual([])
})

test('an endless archive is cut off at the signed length, and nothing of it stays', async () => {
  await world.publish('1.0.0')
  world.server.lie = path => (path.startsWith('/targets/') ? Buffer.alloc(10_000_000) : undefined)
  await expect(world.update()).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/more than the/),
  })
  expect(world.home.files.list(join(world.home.path, 'download'))).toEqual([])
  world.server.lie = () => undefined
  expect((await world.update()).version).toBe('1.0.0')
})

test('an archive of the right length with other bytes is refused', async () => {
  await world.publish('1.0.0')
  world.server.lie = path => {
    if (!path.startsWith('/targets/')) return undefined
    const bytes = Buffer.from(published(path))
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
    return bytes
  }
  await expect(world.update()).rejects.toMatchObject({ code: 'refused', message: expect.stringMatching(/SHA-256/) })
  expect(installed()).toEqual([])
})

test('a download that breaks off goes on where it was', async () => {
  await world.publish('1.0.0', { others: { 'noise.txt': systemRandom.bytes(200_000).join() } })
  let cuts = 0
  const ranges: (string | undefined)[] = []
  world.server.lie = (path, req, res) => {
    if (!path.startsWith('/targets/')) return undefined
    ranges.push(req.headers.range)
    if (cuts++ > 2) return undefined
    const bytes = published(path)
    const from = Number(/\d+/.exec(req.headers.range ?? '0')?.[0])
    res.writeHead(from > 0 ? 206 : 200, {
      'content-length': bytes.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    })
    res.write(bytes.subarray(from, from + 50_000), () => setTimeout(() => res.destroy(), 20))
    return 'answered'
  }
  expect((await world.update()).version).toBe('1.0.0')
  expect(ranges).toEqual([undefined, 'bytes=50000-', 'bytes=100000-', 'bytes=150000-'])
})

test('a signed archive that is not what its makers said is not installed', async () => {
  await world.publish('1.0.0')
  // The makers' own check would have refused these; a device does not rely on it.
  const evil = [
    gzipSync(tar({ path: 'package/../../../../evil', text: 'x' })),
    gzipSync(tar({ path: 'package/package.json', text: '{}' })),
    releaseArchive('1.0.1', ''),
    Buffer.from('no gzip'),
    gzipSync(Buffer.alloc(300_000_000)).subarray(0, 200_000),
  ]
  const { install } = await import('../../../../device/update/index.ts')
  for (const bytes of evil) {
    const path = join(temp, 'evil.tgz')
    writeFileSync(path, bytes)
    const facts = { version: '1.0.0', nodeMin: '24.0.0', rollout: { '*': 100 }, unpackedBytes: 1, files: 1 }
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await expect(install(world.home, { facts, sha256, lengthBytes: bytes.length, url: '' }, path)).rejects.toThrow(
      /cannot be used|is not installed|unexpected end/,
    )
    expect(installed()).toEqual([])
    expect(world.home.files.list(join(world.home.path, 'releases'))).toEqual([])
  }
})

test('without a root nothing is trusted', async () => {
  rmSync(join(world.home.path, 'source.json'))
  writeSource(world.home, { url: world.server.url, rootSha256: null })
  await expect(world.update()).rejects.toMatchObject({ code: 'no_trust' })
})

test('a kept root that a power cut tore is replaced by the pinned one', async () => {
  await world.publish('1.0.0')
  await world.update()
  world.repository.rotate('targets')
  await world.publish('1.1.0')
  writeFileSync(join(world.home.path, 'metadata/root.json'), '{"signed":')
  expect((await world.update()).version).toBe('1.1.0')
  expect(world.log.join()).toMatch(/pinned one is used/)
})

test('a server that is away is told from one that lies', async () => {
  await world.publish('1.0.0')
  await world.update()
  await world.server.close()
  await expect(world.update()).rejects.toMatchObject({ code: 'unreachable' })
})
