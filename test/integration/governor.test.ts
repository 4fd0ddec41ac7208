/** The owner's rules on a real machine: the load of real programs, real sandboxes, a real broker, and a region that is told why. */
import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { afterEach, describe, expect, it } from 'vitest'
import { processUse } from '../../device/governor/index.ts'
import {
  type ConditionPolicy,
  Governor,
  GovernorPolicy,
  type HostReader,
  pacedRunner,
  readHere,
} from '../../device/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { eventually } from '../support/eventually.ts'
import { leaseOf, testRunners } from '../support/runners.ts'
import { ENDLESS, FOR_LONG } from '../support/tasks.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { TestRegion, taskOf } from '../support/test-region.ts'

const newFolder = tempDirs()
const runnerOf = testRunners()
const children: ChildProcess[] = []
const closers: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const close of closers.splice(0).reverse()) await close()
})

function started(file: string, ...args: string[]): ChildProcess & { readonly pid: number } {
  const child = spawn(file, args, { stdio: 'ignore' })
  children.push(child)
  if (child.pid === undefined) throw new Error(`${file} did not start`)
  return Object.assign(child, { pid: child.pid })
}

const busyProgram = () => started(process.execPath, '-e', 'for (;;);')
const quietProgram = () => started('sleep', '600')

function reader(policy: GovernorPolicy, devicePid = process.pid): HostReader {
  const host = readHere(policy, { stateDir: newFolder(), devicePid, log: () => undefined })
  closers.push(() => host.close())
  return host
}

/** Looks as a device does, until the governor says so. */
async function judged(governor: Governor, host: HostReader, what: string, holds: () => boolean): Promise<void> {
  await eventually(what, async () => {
    governor.judge(host.read(), { monotonicMs: systemClock.monotonicMs(), local: null })
    return holds()
  })
}

const othersMs = (host: HostReader): number => host.read().load?.othersMs ?? Number.NaN

describe.skipIf(!existsSync('/proc/stat'))('load of this machine', () => {
  const policy = GovernorPolicy({ loadMax: 0.05, loadWindowMs: 5_000 })

  it('of another program pauses work, in words', async () => {
    busyProgram()
    const governor = new Governor(policy)
    // Of a device that is another process, this one's child is another program.
    const host = reader(policy, quietProgram().pid)
    await judged(governor, host, 'the load is noticed', () => governor.cause === 'load')
    expect(governor.reason).toMatch(
      /^other programs use \d+ % of the processors \(limit 5 %\); work begins after 5 s of at most 5 %$/,
    )
  })

  it('of what a device started is not the load of others', async () => {
    const ours = reader(policy)
    const theirs = reader(policy, quietProgram().pid)
    const child = busyProgram()
    const before = { ours: othersMs(ours), theirs: othersMs(theirs) }
    const grown = await eventually('the child has used a second', () => {
      if ((processUse(child.pid) ?? 0) < 1_000) return null
      const grownTheirs = othersMs(theirs) - before.theirs
      return { theirs: grownTheirs, ours: othersMs(ours) - before.ours }
    })
    expect(grown.theirs - grown.ours).toBeGreaterThan(500)
    child.kill('SIGKILL')
    // What an ended child used stays its parent's: it does not become the others'.
    await eventually('the child is gone', () => child.signalCode !== null)
    const after = othersMs(theirs) - othersMs(ours) - (before.theirs - before.ours)
    expect(after).toBeGreaterThan(500)
  })
})

describe.skipIf(!existsSync('/proc/stat'))('a share of the processors', () => {
  it('holds for real sandboxes', async () => {
    const share = 0.25
    const runner = pacedRunner(
      { clock: systemClock, runner: runnerOf(), usedMs: () => processUse(process.pid) },
      { processors: share },
    )
    // Units that end when their fuel does, some tenths of a second long.
    const lease = leaseOf(ENDLESS, [''], { unitFuelMax: 300_000_000 })
    // The first one starts the sandbox and uses what was saved.
    await runner.run(lease)
    await runner.run(lease)
    const start = { ms: systemClock.monotonicMs(), usedMs: processUse(process.pid) ?? Number.NaN }
    let runs = 0
    let claimedMs = 0
    while (runs < 8) {
      claimedMs += (await runner.run(lease)).elapsedMs
      runs += 1
    }
    // Owed for the last run, and paid before the next one.
    await runner.run(leaseOf(ENDLESS, [''], { unitFuelMax: 1 }))
    const tookMs = systemClock.monotonicMs() - start.ms
    const usedMs = (processUse(process.pid) ?? Number.NaN) - start.usedMs
    console.log(
      `${(usedMs / tookMs).toFixed(3)} of a processor where ${share} is allowed, ${runs} runs in ${Math.round(tookMs)} ms`,
    )
    expect(usedMs / tookMs).toBeLessThan(share * 1.6)
    // The region learns how long this device takes, rests included.
    expect(claimedMs).toBeGreaterThan(usedMs)
  })
})

describe('conditions about a topic', () => {
  async function broker(port = 0) {
    const aedes = await Aedes.createBroker()
    const tcp = createServer(aedes.handle)
    await new Promise<void>(resolve => tcp.listen(port, '127.0.0.1', resolve))
    const close = async () => {
      await new Promise<void>(resolve => aedes.close(() => resolve()))
      await new Promise<void>(resolve => tcp.close(() => resolve()))
    }
    const say = (topic: string, text: string, retain = true) =>
      aedes.publish({ cmd: 'publish', topic, payload: Buffer.from(text), qos: 0, retain, dup: false }, () => undefined)
    return { aedes, say, close, url: `mqtt://127.0.0.1:${(tcp.address() as AddressInfo).port}` }
  }

  const solar = (url: string, more: Partial<ConditionPolicy> = {}) =>
    GovernorPolicy({
      conditions: [
        { name: 'solar', source: { mqtt: { url, topic: 'house/solar' } }, demand: { atLeast: 200 }, forMs: 0, ...more },
      ],
    })

  it('follow what a broker says', async () => {
    const house = await broker()
    closers.push(house.close)
    house.say('house/solar', '{"power": {"watts": 230.5}}')
    const policy = solar(house.url, { field: 'power.watts' })
    const [governor, host] = [new Governor(policy), reader(policy)]
    const reading = () => governor.verdicts.find(({ rule }) => rule === 'condition solar')?.reading
    await judged(governor, host, 'the retained value comes', () => reading() === '230.5')
    expect(governor.cause).toBe('')
    house.say('house/solar', '{"power": {"watts": 120}}')
    await judged(governor, host, 'the cloud comes', () => governor.cause !== '')
    expect(governor.reason).toBe("'solar' is 120 (you ask for at least 200); work begins after 0 s of at least 200")
    house.say('house/other', '{"power": {"watts": 900}}')
    house.say('house/solar', 'off')
    await judged(governor, host, 'nonsense comes', () => reading() === 'unknown: it is not JSON')
    expect(governor.cause).toBe('condition solar')
  })

  it('say who cannot be heard, and who does not let them hear', async () => {
    const house = await broker()
    closers.push(house.close)
    house.aedes.authenticate = (_client, username, password, done) => {
      done(null, username === 'me' && String(password) === 'secret')
    }
    house.say('house/solar', '300')
    const refused = solar(house.url)
    const stranger = new Governor(refused)
    await judged(stranger, reader(refused), 'the refusal is told', () => /refuses the connection/.test(stranger.reason))
    const mqtt = { url: house.url, topic: 'house/solar', username: 'me', password: 'secret' }
    const known = solar(house.url, { source: { mqtt } })
    const friend = new Governor(known)
    await judged(friend, reader(known), 'the value is heard', () => friend.cause === '')
  })

  it('say when the broker is gone', async () => {
    const house = await broker()
    await house.close()
    const policy = solar(house.url)
    const governor = new Governor(policy)
    await judged(governor, reader(policy), 'it is told', () => governor.reason.includes('nobody listens there'))
    expect(governor.reason).toMatch(
      /^'solar' is unknown, since the broker at mqtt:.* cannot be reached: nobody listens/,
    )
  })
})

describe.skipIf(!existsSync('/proc/stat'))('an exclusive application', () => {
  it('stops work at once; the region hears why, and the work is done elsewhere', async () => {
    const program = join(newFolder(), 'hr-long-exclusive-name')
    copyFileSync('/bin/sleep', program)
    const governor = GovernorPolicy({ exclusive: ['hr-long-exclusive-name'], loadWindowMs: 5_000 })
    await using region = await TestRegion.start()
    const { device, log } = await region.join('ann', { governor })
    const lab = await region.bare('lab')
    const work: { readonly outcome: string; readonly detail: string }[] = []
    device.on('work', event => void work.push(event))
    const endless = { task: taskOf(ENDLESS, FOR_LONG), split: { kind: 'range', from: 0, to: 1, chunk: 1 } }
    const { body } = await lab.submit({ ...endless, aggregate: 'collect', verify: 'trust' })
    await eventually('it works', () => device.explain().startsWith('Working'))

    const running = started(program, '600')
    const reason =
      /the program hr-long-exclusive-name runs, which you want the machine for; work begins again 5 s after/
    await eventually('it stops', () => reason.test(device.explain()) && device.explain())
    expect(device.explain()).not.toContain('still run')
    await eventually('the lease is given back', () => work.length > 0)
    expect(work).toMatchObject([{ outcome: 'none', detail: expect.stringMatching(reason) }])
    await eventually('the sandbox is gone', () => log.some(({ event }) => event === 'sandbox_ended'))

    await eventually('the region hears', async () => reason.test((await region.member(device)).lastReason))
    expect((await region.member(device)).leasesOut).toBe(0)
    const { reasons } = await region.admin.deviceExplain(device.id)
    expect(reasons.join(' ')).toMatch(reason)

    const { device: other } = await region.join('bob')
    await eventually('bob does it', async () => (await region.member(other)).leasesOut === 1)
    running.kill('SIGKILL')
    await eventually('it takes work again', async () => (await region.member(device)).lastReason === '')
    expect(device.explain()).toMatch(/^(Ready|Working)/)
    await lab.publish(`${body.job}/cancel`)
    await lab.result(body.job)
    expect(await region.bookProblems()).toEqual([])
  })
})
