import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Updater } from 'tuf-js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemRandom } from '../../../protocol/node/index.ts'
import { ReleaseRepository, ROLE_PLANS, ROLES } from '../../../releases/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { releaseArchive, tar } from '../../support/updates/tar.ts'
import { type Calendar, calendar, DAY_MS, type FileServer, serveFolder } from '../../support/updates/update-world.ts'

const tempDir = tempDirs()
let temp: string
let clock: Calendar
let server: FileServer

const open = (passphrase: string | null = null) =>
  new ReleaseRepository(
    { clock, random: systemRandom },
    { dir: join(temp, 'out'), keys: { path: join(temp, 'keys'), passphrase } },
  )
const published = (path: string) => JSON.parse(readFileSync(join(temp, 'out', path), 'utf8'))
const archive = (version: string, bytes: Uint8Array = releaseArchive(version, 'x')) => {
  const path = join(temp, `${version}.tgz`)
  writeFileSync(path, bytes)
  return path
}

beforeEach(async () => {
  temp = tempDir()
  clock = calendar()
  server = await serveFolder(() => join(temp, 'out'))
})
afterEach(() => server.close())

/** What tuf-js, which knows nothing of us, makes of it. */
async function target(path: string, root = '1.root.json') {
  const dir = tempDir()
  writeFileSync(join(dir, 'root.json'), readFileSync(join(temp, 'out/metadata', root)))
  const updater = new Updater({
    metadataDir: dir,
    metadataBaseUrl: `${server.url}metadata`,
    targetDir: dir,
    targetBaseUrl: `${server.url}targets`,
  })
  const info = await updater.getTargetInfo(path)
  return info === undefined ? null : readFileSync(await updater.downloadTarget(info))
}

test('what is published is what any TUF client takes', async () => {
  const repository = open()
  repository.init()
  expect(await target('hedgerow-1.0.0.tgz')).toBe(null)
  await repository.add(archive('1.0.0'), '1.0.0', { '*': 0 })
  repository.setRollout('1.0.0', { home: 25 })
  expect(await target('hedgerow-1.0.0.tgz')).toEqual(readFileSync(archive('1.0.0')))
  expect(published('metadata/3.targets.json').signed.targets['hedgerow-1.0.0.tgz'].custom).toEqual({
    version: '1.0.0',
    nodeMin: '24.0.0',
    rollout: { '*': 0, home: 25 },
    unpackedBytes: expect.any(Number),
    files: 2,
  })
  for (const role of ROLES) repository.rotate(role)
  await repository.add(archive('1.0.1'), '1.0.1', { '*': 100 })
  expect(await target('hedgerow-1.0.1.tgz')).toEqual(readFileSync(archive('1.0.1')))
})

describe('keys', () => {
  test('are readable by their user only, and the repository says who signs', () => {
    open().init({ ...ROLE_PLANS, targets: { keys: 2, threshold: 2 } })
    const names = readdirSync(join(temp, 'keys'))
    expect(names).toHaveLength(3 + 2 + 1 + 1)
    for (const name of names) expect(statSync(join(temp, 'keys', name)).mode & 0o777).toBe(0o600)
    expect(
      open()
        .status()
        .roles.map(({ role, threshold, keys, keysHere }) => [role, threshold, keys, keysHere]),
    ).toEqual([
      ['root', 2, 3, 3],
      ['targets', 2, 2, 2],
      ['snapshot', 1, 1, 1],
      ['timestamp', 1, 1, 1],
    ])
  })

  test('are encrypted when there is a passphrase, and need it', () => {
    open('correct horse').init()
    const [name = ''] = readdirSync(join(temp, 'keys'))
    expect(readFileSync(join(temp, 'keys', name), 'utf8')).toMatch(/ENCRYPTED PRIVATE KEY/)
    expect(() => open('wrong').refresh()).toThrow(/has another passphrase/)
    expect(() => open().refresh()).toThrow(/needs a passphrase/)
    expect(open().status().roles[0]?.keysHere).toBe(null)
    open('correct horse').refresh()
  })

  test('that others can read are refused', () => {
    open().init()
    for (const name of readdirSync(join(temp, 'keys'))) chmodSync(join(temp, 'keys', name), 0o644)
    expect(() => open().refresh()).toThrow(/chmod 600/)
  })

  test('that are missing are asked for', async () => {
    const repository = open()
    repository.init()
    for (const name of readdirSync(join(temp, 'keys')).filter(key => key.startsWith('targets')))
      rmSync(join(temp, 'keys', name))
    await expect(repository.add(archive('1.0.0'), '1.0.0', { '*': 0 })).rejects.toThrow(
      /1 keys of the role targets have to sign/,
    )
    repository.refresh()
    expect(() => repository.rotate('targets')).not.toThrow()
    expect(published('metadata/2.root.json').signed.roles.targets.keyids).toHaveLength(1)
  })

  test('of the root are enough two of three', () => {
    open().init()
    const [first = '', second = ''] = readdirSync(join(temp, 'keys')).filter(key => key.startsWith('root'))
    rmSync(join(temp, 'keys', first))
    open().rotate('timestamp')
    rmSync(join(temp, 'keys', second))
    expect(() => open().rotate('timestamp')).toThrow(/2 keys of the role root have to sign, and 1 are/)
  })

  test('in too small a number for their threshold are not made', () => {
    expect(() => open().init({ ...ROLE_PLANS, root: { keys: 1, threshold: 2 } })).toThrow(/cannot sign/)
    expect(existsSync(join(temp, 'out'))).toBe(false)
  })
})

describe('time', () => {
  test('is renewed for what signs every day, and for the rest when half of it is over', () => {
    const repository = open()
    repository.init()
    const versions = () => repository.status().roles.map(({ version }) => version)
    expect(versions()).toEqual([1, 1, 1, 1])
    repository.refresh()
    expect(versions()).toEqual([1, 1, 2, 2])
    clock.shiftMs = 100 * DAY_MS
    repository.refresh()
    expect(versions()).toEqual([1, 2, 3, 3])
    clock.shiftMs = 200 * DAY_MS
    repository.refresh()
    expect(versions()).toEqual([2, 3, 4, 4])
  })
})

describe('an interrupted command', () => {
  test('changes nothing until the timestamp is written', async () => {
    const repository = open()
    repository.init()
    const timestamp = readFileSync(join(temp, 'out/metadata/timestamp.json'))
    await repository.add(archive('1.0.0'), '1.0.0', { '*': 0 })
    writeFileSync(join(temp, 'out/metadata/timestamp.json'), timestamp)
    expect(open().status().releases).toEqual([])
    expect(await target('hedgerow-1.0.0.tgz')).toBe(null)
    await open().add(archive('1.0.0'), '1.0.0', { '*': 0 })
    expect(await target('hedgerow-1.0.0.tgz')).not.toBe(null)
  })

  test('that changed keys is completed by the next refresh', async () => {
    const repository = open()
    repository.init()
    await repository.add(archive('1.0.0'), '1.0.0', { '*': 0 })
    const before = ['timestamp', '3.snapshot', '3.targets'].map(name => join(temp, 'out/metadata', `${name}.json`))
    const timestamp = readFileSync(before[0] ?? '')
    repository.rotate('targets')
    writeFileSync(before[0] ?? '', timestamp)
    for (const path of before.slice(1)) rmSync(path, { force: true })
    await expect(target('hedgerow-1.0.0.tgz')).rejects.toThrow()
    open().refresh()
    expect(await target('hedgerow-1.0.0.tgz')).not.toBe(null)
  })
})

describe('what is not published', () => {
  const pack = (fields: object, ...paths: string[]) =>
    gzipSync(
      tar(
        { path: 'package/package.json', text: JSON.stringify(fields) },
        ...paths.map(path => ({ path: `package/${path}`, text: 'x' })),
      ),
    )
  const fields = { name: 'hedgerow', version: '1.0.0', engines: { node: '>=24' } }
  const main = 'dist/cli/main.js'

  test.each<[string, Uint8Array, RegExp]>([
    ['another package', pack({ ...fields, name: 'left-pad' }, main), /not the package hedgerow/],
    ['another version', pack({ ...fields, version: '1.0.1' }, main), /it holds version 1\.0\.1/],
    ['a package that was not built', pack(fields), /build the package/],
    [
      'a package without its modules',
      pack({ ...fields, dependencies: { mqtt: '5' } }, main),
      /the module mqtt is not in it/,
    ],
    ['a package for no Node', pack({ ...fields, engines: {} }, main), /no engines\.node/],
    ['no package', gzipSync(tar({ path: 'package/dist/cli/main.js', text: '' })), /package\.json is missing/],
    ['a path that leads out', gzipSync(tar({ path: 'package/../x', text: '' })), /not a plain one/],
    ['no archive', Buffer.from('hello'), /incorrect header check/],
  ])('is %s', async (_, bytes, complaint) => {
    const repository = open()
    repository.init()
    await expect(repository.add(archive('1.0.0', bytes), '1.0.0', { '*': 0 })).rejects.toThrow(complaint)
    expect(repository.status().releases).toEqual([])
    expect(readdirSync(join(temp, 'out/targets'))).toEqual([])
  })

  test('is a version for the second time, nor a roll-out of one that is not there', async () => {
    const repository = open()
    repository.init()
    await repository.add(archive('1.0.0'), '1.0.0', { '*': 0 })
    await expect(repository.add(archive('1.0.0'), '1.0.0', { '*': 0 })).rejects.toThrow(/published already/)
    expect(() => repository.setRollout('2.0.0', { '*': 5 })).toThrow(/version 2\.0\.0 is not published/)
    expect(() => open().init()).toThrow(/already/)
  })
})
