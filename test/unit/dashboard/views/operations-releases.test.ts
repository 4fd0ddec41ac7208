import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPublished, stageHere, stages } from '../../../../dashboard/views/operations-releases.ts'
import { seededRandom } from '../../../../protocol/index.ts'
import { systemClock } from '../../../../protocol/node/index.ts'
import { LIFETIME_MS, ReleaseRepository } from '../../../../releases/index.ts'
import { releaseArchive } from '../../../support/updates/tar.ts'

let dir: string
let repository: ReleaseRepository

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'hedgerow-published-'))
  const keys = { path: join(dir, 'keys'), passphrase: null }
  const init = { dir: join(dir, 'releases'), keys }
  repository = new ReleaseRepository({ clock: systemClock, random: seededRandom('releases') }, init)
  repository.init()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const load = async (name: string): Promise<unknown> =>
  JSON.parse(readFileSync(join(dir, 'releases/metadata', name), 'utf8'))

test('what is published is read as it was signed, the newest first', async () => {
  expect((await readPublished(load)).releases).toEqual([])
  for (const version of ['1.9.0', '1.10.0']) {
    const archive = join(dir, `${version}.tgz`)
    writeFileSync(archive, releaseArchive(version, ''))
    await repository.add(archive, version, { home: 25, '*': 0 })
  }
  repository.setRollout('1.9.0', { home: 100, '*': 100 })
  const { releases, expiresMs } = await readPublished(load)
  expect(releases.map(release => [release.version, stages(release), stageHere(release, 'home')])).toEqual([
    ['1.10.0', 'home 25 %, elsewhere 0 %', '25 % of the devices of this region'],
    ['1.9.0', 'home 100 %, elsewhere 100 %', 'every device of this region'],
  ])
  expect(releases.map(release => stageHere(release, 'meadow'))).toEqual([
    'no device of this region',
    'every device of this region',
  ])
  // The timestamp is what counts for the shortest time.
  const leftMs = expiresMs - systemClock.wallMs()
  expect(leftMs).toBeGreaterThan(LIFETIME_MS.timestamp - 60_000)
  expect(leftMs).toBeLessThanOrEqual(LIFETIME_MS.timestamp)
})

test('a release that is described wrongly is refused', async () => {
  const broken = async (name: string): Promise<unknown> =>
    name.endsWith('.targets.json')
      ? { signed: { expires: '2027-01-01T00:00:00Z', targets: { 'hedgerow-1.0.0.tgz': { custom: { version: '2' } } } } }
      : load(name)
  await expect(readPublished(broken)).rejects.toThrow('The release hedgerow-1.0.0.tgz cannot be used')
})
