/** Every single step of an update may be the last before the power goes; some version must be there to start, and the update must still come. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Home, Launcher, nodeFiles, TIMING } from '../../../../device/launcher/index.ts'
import { manualClock } from '../../../support/manual-clock.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { type CrashFiles, crashFiles, type Loss, PowerCut } from '../../../support/updates/crash-files.ts'
import { type UpdateWorld, updateWorld } from '../../../support/updates/update-world.ts'

const tempDir = tempDirs()
let world: UpdateWorld
let base: string

beforeEach(async () => {
  const temp = tempDir()
  base = join(temp, 'base')
  world = await updateWorld(temp)
  await world.publish('1.0.0', { others: { 'lib/a.js': 'a'.repeat(3_000), 'lib/b.js': '' } })
  mkdirSync(world.home.path, { recursive: true })
})
afterEach(() => world.server.close())

const LOSSES: Loss[] = ['nothing', 'some content', 'content', 'content and names']

/** What the launcher would start now, with nothing of what it remembered but the disk. */
function starts(): string {
  const home = new Home(nodeFiles, world.home.path, base)
  const launcher = launcherOf(home)
  const choice = launcher.choose()
  if (choice === null) throw new Error('there is nothing to start')
  if (choice.release.name !== 'base') expect(home.damage(choice.release.name)).toBe(null)
  expect(readFileSync(choice.release.entry, 'utf8')).toBe(
    choice.release.name === 'base' ? '' : "console.log('1.0.0')\n",
  )
  return choice.release.version
}

function launcherOf(home: Home, log: (line: string) => void = () => {}): Launcher {
  const random = { bytes: () => new Uint8Array(0), uniform: () => 0 }
  const spawn = () => {
    throw new Error('nothing is started here')
  }
  return new Launcher({ clock: manualClock(), random, log, spawn }, { home, args: [], timing: TIMING })
}

/** Runs until the power goes, or to the end. @returns whether it came to its end */
async function until(cut: CrashFiles, act: (files: CrashFiles) => unknown): Promise<boolean> {
  try {
    await act(cut)
    return true
  } catch (thrown) {
    if (!(thrown instanceof PowerCut) && !isCut(thrown)) throw thrown
    return false
  } finally {
    cut.powerOff()
  }
}

/** tuf-js and others may wrap it. */
const isCut = (thrown: unknown): boolean => thrown instanceof Error && /the power is gone/.test(thrown.message)

describe.each(LOSSES)('with %s lost of what was not synced', loss => {
  test('an update may be interrupted at every step', async () => {
    let steps = 0
    for (let isDone = false; !isDone; steps++) {
      rmSync(join(world.home.path, 'metadata'), { recursive: true, force: true })
      rmSync(join(world.home.path, 'releases'), { recursive: true, force: true })
      rmSync(join(world.home.path, 'staged.json'), { force: true })
      rmSync(join(world.home.path, 'root.json'), { force: true })
      isDone = await until(crashFiles(nodeFiles, steps, loss), files => world.update(files))
      expect(starts()).toBe('0.1.0')
      // With the power back the update comes, from whatever there is.
      expect((await world.update()).version).toBe('1.0.0')
      expect(world.home.staged()).toEqual({ version: '1.0.0' })
      expect(world.home.damage('1.0.0')).toBe(null)
    }
    expect(steps).toBeGreaterThan(60)
  })

  test('what the launcher writes may be interrupted at every step', async () => {
    await world.update()
    let cuts = 0
    for (const act of ['try', 'confirm', 'give up', 'lose the good one'] as const) {
      for (let steps = 0, isDone = false; !isDone; steps++) {
        prepare(act)
        isDone = await until(crashFiles(nodeFiles, steps, loss), files => perform(act, files))
        cuts += isDone ? 0 : 1
        expect(['0.1.0', '1.0.0']).toContain(starts())
      }
    }
    expect(cuts).toBeGreaterThan(20)
  })
})

/** The state before each of the launcher's changes. */
function prepare(act: string): void {
  const { home } = world
  rmSync(join(home.path, 'boot.json'), { force: true })
  rmSync(`${home.folder('1.0.0')}.good`, { force: true })
  home.stage('1.0.0')
  const fresh = home.state()
  const trial = { version: '1.0.0', attempts: 1, reason: '' }
  if (act === 'confirm') home.save({ ...fresh, trying: trial })
  if (act === 'give up') home.save({ ...fresh, trying: { ...trial, attempts: 3 } })
  if (act === 'lose the good one') home.save({ ...fresh, good: '0.9.0', previous: '1.0.0' })
}

function perform(act: string, files: CrashFiles): void {
  const home = new Home(files, world.home.path, base)
  if (act === 'confirm') {
    const state = { ...home.state(), good: '1.0.0', previous: 'base', trying: null }
    home.prove('1.0.0')
    home.save(state)
    home.stage(null)
    home.prune(state)
    return
  }
  if (act === 'try') home.save({ ...home.state(), trying: { version: '1.0.0', attempts: 0, reason: '' } })
  // The launcher goes on without a disk; the power is what ends it.
  const said: string[] = []
  launcherOf(home, line => said.push(line)).choose()
  if (said.some(line => line.includes('the power is gone'))) throw new PowerCut('the power is gone')
}

test('a version that cannot be counted is not tried: the good one starts', async () => {
  await world.update()
  world.home.save({ ...world.home.state(), trying: { version: '1.0.0', attempts: 0, reason: '' } })
  const full = {
    ...nodeFiles,
    create: () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    },
  }
  const said: string[] = []
  const choice = launcherOf(new Home(full, world.home.path, base), line => said.push(line)).choose()
  expect(choice).toMatchObject({ isTrial: false, release: { version: '0.1.0' } })
  expect(said.join()).toMatch(/cannot be written: ENOSPC/)
})

test('a start is counted on stable storage before the version runs', async () => {
  await world.update()
  world.home.save({ ...world.home.state(), trying: { version: '1.0.0', attempts: 0, reason: '' } })
  const files = crashFiles(nodeFiles, Number.POSITIVE_INFINITY, 'content and names')
  expect(launcherOf(new Home(files, world.home.path, base)).choose()).toMatchObject({ isTrial: true })
  files.powerOff()
  expect(world.home.state().trying).toMatchObject({ version: '1.0.0', attempts: 1 })
})

test('a disk that is full during an update leaves everything as it was, and says so', async () => {
  const full = { ...nodeFiles, freeBytes: () => 1_000 }
  await expect(world.update(full)).rejects.toMatchObject({
    code: 'no_space',
    message: expect.stringMatching(/no room/),
  })
  expect(starts()).toBe('0.1.0')
  expect((await world.update()).version).toBe('1.0.0')
})
