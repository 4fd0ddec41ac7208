/** The launcher with devices and updaters that do what the test says, on virtual time. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Child, type Ended, Home, Launcher, nodeFiles, TIMING } from '../../../../device/launcher/index.ts'
import type { Advice, Report } from '../../../../device/launcher/messages.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const tempDir = tempDirs()
const MINUTE_MS = 60_000

/** One process that was started. */
interface Started extends Child {
  readonly version: string
  readonly kind: 'device' | 'updater'
  readonly args: readonly string[]
  readonly heard: Advice['hedgerow'][]
  readonly signals: NodeJS.Signals[]
  end(code: number | null, signal?: NodeJS.Signals): void
  report(more?: Partial<Report>): void
}

let home: Home
let clock: VirtualClock
let children: Started[]
let said: string[]
/** Whether a device ends when it is asked to. */
let isObedient: boolean
let updaterCode: number

beforeEach(() => {
  const dir = tempDir()
  lay(join(dir, 'base'), { 'package.json': JSON.stringify({ version: '1.0.0' }) })
  home = new Home(nodeFiles, join(dir, 'home'), join(dir, 'base'))
  clock = new VirtualClock()
  children = []
  said = []
  isObedient = true
  updaterCode = 0
})

function lay(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries({ 'dist/cli/main.js': '', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** Installs a version as the updater does, and says that it waits. */
function stage(version: string): void {
  const list = { 'dist/cli/main.js': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }
  lay(home.folder(version), { 'release.json': JSON.stringify({ version }), 'release-files.json': JSON.stringify(list) })
  home.stage(version)
}

function spawn(entry: string, args: readonly string[], kind: 'device' | 'updater'): Child {
  const ended = Promise.withResolvers<Ended>()
  let listener: (message: unknown) => void = () => {}
  const child: Started = {
    version: /releases\/([^/]+)\//.exec(entry)?.[1] ?? 'base',
    kind,
    args,
    heard: [],
    signals: [],
    ended: ended.promise,
    end: (code, signal) => ended.resolve({ code, signal: signal ?? null }),
    report: more =>
      listener({
        hedgerow: 'report',
        joined: true,
        busy: false,
        device: 'd',
        region: 'home',
        updatesUrl: null,
        ...more,
      }),
    onMessage: take => {
      listener = take
    },
    send: ({ hedgerow }) => child.heard.push(hedgerow),
    kill: signal => {
      child.signals.push(signal)
      if (isObedient || signal === 'SIGKILL') ended.resolve({ code: null, signal })
    },
  }
  children.push(child)
  if (kind === 'updater') child.end(updaterCode)
  return child
}

function launch(): { done: Promise<Ended>; launcher: Launcher } {
  const random = { bytes: () => new Uint8Array(0), uniform: () => 0.5 }
  const log = (line: string) => void said.push(line)
  const launcher = new Launcher({ clock, random, log, spawn }, { home, args: ['device'], timing: TIMING })
  return { done: launcher.run(), launcher }
}

const devices = () => children.filter(({ kind }) => kind === 'device')
const newest = (): Started => {
  const child = devices().at(-1)
  if (child === undefined) throw new Error('no device was started')
  return child
}

/** Lets time pass in steps, in each of which the newest device says how it is. */
async function pass(ms: number, report: Partial<Report> | null = {}): Promise<void> {
  for (let t = 0; t < ms; t += 10_000) {
    await settle()
    if (report !== null) newest().report(report)
    await clock.advance(10_000)
    await settle()
  }
}

const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('a version that waits', () => {
  test('is tried when the device has finished, and is the good one after three looks', async () => {
    stage('1.1.0')
    launch()
    await pass(MINUTE_MS, { busy: true })
    expect(newest().heard).toEqual(['finish'])
    await pass(MINUTE_MS, { busy: true })
    expect(newest().version).toBe('base')
    await pass(10_000)
    expect(devices().map(({ version }) => version)).toEqual(['base', '1.1.0'])
    expect(home.state().trying).toMatchObject({ version: '1.1.0', attempts: 1 })
    await pass(2 * MINUTE_MS)
    expect(home.state().good).toBe('base')
    await pass(MINUTE_MS)
    expect(home.state()).toMatchObject({ good: '1.1.0', previous: 'base', trying: null })
    expect(home.staged()).toBe(null)
    expect(devices()).toHaveLength(2)
  })

  test('does not wait for ever for a device that never finishes', async () => {
    stage('1.1.0')
    launch()
    await pass(15 * MINUTE_MS, { busy: true })
    expect(newest().version).toBe('base')
    await pass(2 * MINUTE_MS, { busy: true })
    expect(newest().version).toBe('1.1.0')
  })

  test('and is taken back lets the device go on', async () => {
    nodeFiles.makeFolder(home.path)
    writeFileSync(join(home.path, 'root.json'), '{}')
    stage('1.1.0')
    launch()
    await pass(MINUTE_MS, { busy: true })
    home.stage(null)
    await pass(16 * MINUTE_MS, { busy: true })
    expect(newest()).toMatchObject({ version: 'base', heard: ['finish', 'resume'], signals: [] })
  })

  test('is killed when it does not end by itself', async () => {
    isObedient = false
    stage('1.1.0')
    launch()
    await pass(80_000)
    expect(children[0]?.signals).toEqual(['SIGTERM'])
    await pass(20_000, null)
    expect(children[0]?.signals).toEqual(['SIGTERM', 'SIGKILL'])
    expect(newest().version).toBe('1.1.0')
  })
})

describe('a version that is not well', () => {
  beforeEach(async () => {
    stage('1.1.0')
    launch()
    await pass(80_000)
    expect(newest().version).toBe('1.1.0')
  })

  test('at every one of its starts is left for the last good one, and not tried again', async () => {
    for (let start = 0; start < 3; start++) {
      newest().end(1)
      await pass(10_000, null)
    }
    expect(devices().map(({ version }) => version)).toEqual(['base', '1.1.0', '1.1.0', '1.1.0', 'base'])
    expect(home.state()).toMatchObject({ good: 'base', trying: null, suspect: { version: '1.1.0' }, bad: [] })
    await pass(4 * MINUTE_MS)
    expect(home.state()).toMatchObject({
      suspect: null,
      bad: [{ version: '1.1.0', reason: 'it ended by itself, with code 1' }],
    })
    expect(devices()).toHaveLength(5)
  })

  test('since the region is away is tried again when the good one is not well either', async () => {
    for (let start = 0; start < 3; start++) await pass(16 * MINUTE_MS, { joined: false })
    expect(newest().version).toBe('base')
    await pass(16 * MINUTE_MS, { joined: false })
    expect(home.state()).toMatchObject({ suspect: null, bad: [] })
    expect(said.join(' ')).toMatch(/is not well either: 1\.1\.0 may be tried again/)
  })

  test('since it hangs is killed when nothing was heard of it for too long', async () => {
    newest().report()
    await pass(15 * MINUTE_MS + 10_000, null)
    expect(devices().filter(({ version }) => version === '1.1.0')).toHaveLength(2)
    expect(home.state().trying?.reason).toBe('it stopped saying that it works')
  })

  test('since it cannot look for updates is left, however well it works', async () => {
    nodeFiles.makeFolder(home.path)
    writeFileSync(join(home.path, 'root.json'), '{}')
    updaterCode = 1
    await pass(3 * MINUTE_MS)
    expect(said.join(' ')).toMatch(/1\.1\.0 is not well: it cannot look for updates/)
    // Without a network it works well enough.
    updaterCode = 4
    await pass(5 * MINUTE_MS)
    expect(home.state().good).toBe('1.1.0')
  })
})

describe('the end', () => {
  test('of a good version is passed on, with its code or signal', async () => {
    const { done } = launch()
    newest().end(3)
    expect(await done).toEqual({ code: 3, signal: null })
    const again = launch()
    newest().end(null, 'SIGSEGV')
    expect(await again.done).toEqual({ code: null, signal: 'SIGSEGV' })
  })

  test('that somebody wants is passed on, and does not count against a version', async () => {
    stage('1.1.0')
    const { done, launcher } = launch()
    await pass(80_000)
    launcher.stop('SIGTERM')
    expect(await done).toEqual({ code: null, signal: 'SIGTERM' })
    expect(newest()).toMatchObject({ version: '1.1.0', signals: ['SIGTERM'] })
    expect(home.state().trying).toMatchObject({ version: '1.1.0', attempts: 0 })
  })

  test('of a good version that cannot start brings the version that waits', async () => {
    stage('1.1.0')
    launch()
    newest().end(1)
    await settle()
    expect(newest().version).toBe('1.1.0')
  })

  test('of a good version that cannot start has an update looked for first', async () => {
    nodeFiles.makeFolder(home.path)
    writeFileSync(join(home.path, 'root.json'), '{}')
    const { done } = launch()
    newest().end(1)
    await pass(MINUTE_MS, null)
    expect(await done).toEqual({ code: 1, signal: null })
    expect(children.map(({ kind, args }) => [kind, ...args])).toEqual([
      ['device', 'device'],
      ['updater', 'device', 'update', '--apply', '--home', home.path],
    ])
  })
})

describe('a disk that is not as it was', () => {
  const good = (version: string) => {
    stage(version)
    home.prove(version)
    home.stage(null)
    home.save({ ...home.state(), good: version, previous: 'base' })
  }

  test.each(['', '{', '[]', '{"format":2}', '{"format":1,"good":"../../evil"}', '\0\0\0'])(
    'with the state %j starts the newest version that was good',
    async text => {
      good('1.1.0')
      good('1.2.0')
      stage('1.3.0')
      writeFileSync(join(home.path, 'boot.json'), text)
      launch()
      expect(newest().version).toBe('1.2.0')
    },
  )

  test('without the good version starts the one before', async () => {
    good('1.1.0')
    nodeFiles.remove(home.folder('1.1.0'))
    launch()
    expect(newest().version).toBe('base')
  })

  test('with a damaged good version removes it and starts the one before', async () => {
    good('1.1.0')
    writeFileSync(join(home.folder('1.1.0'), 'dist/cli/main.js'), 'garbage')
    launch()
    newest().end(1)
    await settle()
    expect(said.join(' ')).toMatch(/dist\/cli\/main\.js of version 1\.1\.0 is damaged/)
    expect(newest().version).toBe('base')
    expect(home.installed()).toEqual([])
  })

  test('with nothing to start says so', async () => {
    home = new Home(nodeFiles, home.path, null)
    const { done } = launch()
    expect(await done).toEqual({ code: 127, signal: null })
    expect(said.join(' ')).toMatch(/There is no version to start/)
  })

  test('keeps two versions and no more', async () => {
    good('1.1.0')
    good('1.2.0')
    home.save({ ...home.state(), good: '1.2.0', previous: '1.1.0' })
    stage('1.0.5')
    home.stage(null)
    nodeFiles.makeFolder(`${home.folder('0.9.0')}.gone`)
    launch()
    expect(nodeFiles.list(join(home.path, 'releases'))).toEqual(['1.1.0', '1.1.0.good', '1.2.0', '1.2.0.good'])
  })
})
