/** Updates with everything real but the device: the commands of releases, a coordinator that serves them, the updater, the launcher. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type RunningCoordinator, startCoordinator } from '../../coordinator/index.ts'
import { Home, nodeFiles } from '../../device/launcher/index.ts'
import { regionName, seededRandom } from '../../protocol/index.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { type Behaviour, buildLauncher, buildTool, fakeMain, layBase } from '../support/updates/fake-version.ts'
import { releaseArchive } from '../support/updates/tar.ts'

/** A thousandth of the real times, and less. */
const TIMING = {
  lookEveryMs: 60,
  looksMax: 15,
  reportStaleMs: 1_500,
  restartAfterMs: 50,
  holdMaxMs: 3_000,
  stopGraceMs: 2_000,
  updateEveryMs: 500,
  updateJitterMs: 20,
}
/** `npm run test:updates` asks for a hundred. */
const INTERRUPTIONS = Number(process.env.HEDGEROW_INTERRUPTIONS || 12)

const tempDir = tempDirs()
let dir: string
let tool: string
let launcherPath: string
let region: RunningCoordinator
let home: Home
let launcher: ChildProcess | null = null
let said: string

beforeEach(async () => {
  dir = tempDir()
  said = ''
  tool = await buildTool(dir)
  launcherPath = await buildLauncher(dir)
  const { rootSha256 } = JSON.parse(await hedgerow('release init releases --json'))
  region = await startCoordinator({
    stateDir: join(dir, 'region'),
    name: regionName('home'),
    mqttPort: 0,
    httpPort: 0,
    releasesDir: join(dir, 'releases'),
    onFatal: error => {
      throw error
    },
  })
  layBase(join(dir, 'base'), '1.0.0', fakeMain('1.0.0', 'good', tool, dir))
  home = new Home(nodeFiles, join(dir, 'home'), join(dir, 'base'))
  await hedgerow(`device update --home home --url ${region.httpUrl}/updates/ --update-root ${rootSha256}`)
})
afterEach(async () => {
  kill(launcher)
  await region.close()
})

async function hedgerow(line: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [tool, ...line.split(' ')], { cwd: dir })
  return stdout
}

async function publish(version: string, behaviour: Behaviour = 'good', rollout = '*=100'): Promise<void> {
  writeFileSync(
    join(dir, `${version}.tgz`),
    releaseArchive(version, fakeMain(version, behaviour, tool, dir), { 'lib/x.js': 'x'.repeat(50_000) }),
  )
  await hedgerow(`release add releases ${version}.tgz --version ${version} --rollout ${rollout}`)
}

/** In a process group of its own, as a service is. */
function launch(timing: object = TIMING): ChildProcess {
  const child = spawn(process.execPath, [launcherPath, 'device'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      HEDGEROW_HOME: home.path,
      HEDGEROW_BASE: join(dir, 'base'),
      HEDGEROW_LAUNCHER_TIMING: JSON.stringify(timing),
    },
  })
  child.stderr?.on('data', chunk => {
    said += chunk
  })
  launcher = child
  return child
}

/** The power goes: launcher, device and updater at once. */
function kill(child: ChildProcess | null): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(-child.pid, 'SIGKILL')
}

/** Waits until something holds; if it never does, the launcher's own words say why. */
async function eventually(holds: () => void, timeout = 10_000): Promise<void> {
  try {
    await vi.waitFor(holds, { timeout, interval: 20 })
  } catch (thrown) {
    console.log(said)
    throw thrown
  }
}

const started = (): string[] => {
  const path = join(dir, 'started.log')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

test('a version that is well becomes the good one, in the regions it is for', async () => {
  await publish('1.1.0', 'good', 'home=100,*=0')
  await publish('1.2.0', 'good', 'away=100,*=0')
  launch()
  await eventually(() => expect(home.state()).toMatchObject({ good: '1.1.0', previous: 'base', trying: null }), 20_000)
  expect(started()).toEqual(['1.0.0', '1.1.0'])
  expect(home.isProven('1.1.0')).toBe(true)
  const status = JSON.parse(await hedgerow('release status releases --json'))
  expect(status.releases.map(({ version }: { version: string }) => version)).toEqual(['1.1.0', '1.2.0'])
  const outcome = JSON.parse(await hedgerow('device update --home home --check --json'))
  expect(outcome).toEqual({
    version: null,
    says: expect.stringMatching(/1\.2\.0 is not installed: it is for 0 of 100 devices of the region 'home'/),
  })
  await hedgerow('release rollout releases 1.2.0 home=100')
  await eventually(() => expect(home.state()).toMatchObject({ good: '1.2.0', previous: '1.1.0' }), 20_000)
  expect(home.installed().map(({ name }) => name)).toEqual(['1.1.0', '1.2.0'])
})

test.each<[Behaviour, RegExp]>([
  ['crashes', /ended by itself, with code 7/],
  ['hangs', /never said that it works/],
  ['stays alone', /did not stay with its region/],
  ['cannot update', /cannot look for updates/],
])('a version that %s is left again, and the next one is not', async (behaviour, reason) => {
  await publish('1.1.0', behaviour)
  launch({ ...TIMING, lookEveryMs: 150 })
  await eventually(
    () => expect(home.state().bad).toEqual([{ version: '1.1.0', reason: expect.stringMatching(reason) }]),
    30_000,
  )
  // On a machine that is very busy the good version may be late as well, and the other is tried once more.
  expect(started().slice(0, 5)).toEqual(['1.0.0', '1.1.0', '1.1.0', '1.1.0', '1.0.0'])
  expect(home.state()).toMatchObject({ good: 'base', trying: null })
  expect(JSON.parse(await hedgerow('device update --home home --json')).bad).toHaveLength(1)
  await publish('1.1.1')
  await eventually(() => expect(home.state().good).toBe('1.1.1'), 20_000)
  expect(started().at(-1)).toBe('1.1.1')
})

test(`of ${INTERRUPTIONS} interruptions none leaves a device that cannot start`, { timeout: 400_000 }, async () => {
  const seed = process.env.HEDGEROW_SEED ?? `${Math.random()}`.slice(2, 10)
  console.log(`HEDGEROW_SEED=${seed}`)
  const random = seededRandom(seed)
  let patch = 1
  let reached = 0
  let abandoned = 0
  const versions = () => ['1.0.0', ...Array.from({ length: patch }, (_, i) => `1.0.${i + 1}`)]
  await publish(`1.0.${patch}`)
  for (let cut = 0; cut < INTERRUPTIONS; cut++) {
    const before = started().length
    const child = launch()
    await eventually(() => expect(started().length).toBeGreaterThan(before), 20_000)
    expect(versions()).toContain(started()[before])
    await sleep(random.uniform() * 1_500)
    kill(child)
    await new Promise(resolve =>
      (child.exitCode ?? child.signalCode) === null ? child.once('exit', resolve) : resolve(null),
    )
    const { good, suspect, bad } = home.state()
    if (good === `1.0.${patch}`) reached += 1
    // Three starts that a power cut ended look like three that a version ended: it waits for a newer one.
    else if ([suspect, ...bad].some(other => other?.version === `1.0.${patch}`)) abandoned += 1
    else continue
    await publish(`1.0.${++patch}`)
  }
  console.log(
    `${INTERRUPTIONS} interruptions: ${reached} updates completed, ${abandoned} given up, ${started().length} starts`,
  )
  // With the power back for good, the newest version comes.
  await publish(`1.0.${++patch}`)
  launch()
  await eventually(() => expect(home.state()).toMatchObject({ good: `1.0.${patch}`, trying: null }), 30_000)
  expect(home.damage(`1.0.${patch}`)).toBe(null)
})

test('where there was never an update the version of the card runs, and its end is passed on', async () => {
  const child = launch()
  await eventually(() => expect(started()).toEqual(['1.0.0']))
  const exited = new Promise(resolve => child.once('exit', code => resolve(code)))
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  layBase(join(dir, 'base'), '1.0.0', 'process.exit(42)')
  nodeFiles.remove(join(home.path, 'source.json'))
  nodeFiles.remove(join(home.path, 'root.json'))
  expect(await new Promise(resolve => launch().once('exit', code => resolve(code)))).toBe(42)
  expect(existsSync(join(home.path, 'boot.json'))).toBe(false)
})
