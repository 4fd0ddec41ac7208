/** What keeps a sandbox process in bounds, whatever runs in it. */
import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { DeviceEvent } from '../../device/log.ts'
import { findKernelTools } from '../../device/work/find-kernel-tools.ts'
import { kernelToolsWork } from '../../device/work/kernel-tools.ts'
import { sandboxArguments, sandboxCommand } from '../../device/work/sandbox-command.ts'
import { TaskError } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { eventually } from '../support/eventually.ts'
import { manualClock } from '../support/manual-clock.ts'
import { leaseOf, outcomesOf, ROOT, SANDBOX_SOURCE, testRunners } from '../support/runners.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { command, op, range, reactor } from '../support/wasm-module.ts'

const PAGES_PER_MIB = 16
/** A killed process is gone within this time, on however busy a machine. */
const GONE_MS = 10_000

const tempDir = tempDirs()
const runnerOf = testRunners()
const found = findKernelTools()
const tools = found !== null && kernelToolsWork(found) ? found : null
if (tools === null)
  console.warn('SKIPPED: what the kernel bounds, since setpriv and prlimit are missing or do nothing.')

const endless = command(op.forever())
/** Beyond those that Node closes in its children by itself. */
const LEAKED_FD = 40
const owners: ChildProcess[] = []
afterEach(() => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL')
})
const timeless = { unitFuelMax: LIMITS.unitFuelMax }

/** A runner, and the processes that it starts. */
function watched(init: Parameters<typeof runnerOf>[0] = {}, components: Parameters<typeof runnerOf>[1] = {}) {
  const events: DeviceEvent[] = []
  const runner = runnerOf(init, { log: event => events.push(event), ...components })
  const pids = () => events.flatMap(({ event, pid }) => (event === 'sandbox_started' ? [Number(pid)] : []))
  return { runner, pids, firstPid: () => pids()[0] ?? Number.NaN }
}

/** What a run without result ends with. */
async function failure(run: Promise<unknown>): Promise<TaskError> {
  const thrown = await run.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(thrown instanceof TaskError)) throw new Error(`There is a result, or no TaskError: ${thrown}`)
  return thrown
}

const isAlive = (pid: number): boolean => {
  try {
    // A process that has ended and not been waited for has no memory any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
  } catch {
    return existsSync('/proc/self') ? false : process.kill(pid, 0)
  }
}

/** A process that has a sandbox, in which a unit loops; with descriptors that it finds open when it starts. */
async function startOwner(descriptors: Readonly<Record<number, number>> = {}) {
  const script = join(ROOT, 'test', 'support', 'device', 'sandbox-owner.ts')
  const stdio: StdioOptions = ['ignore', 'pipe', 'inherit']
  const last = Math.max(2, ...Object.keys(descriptors).map(Number))
  for (let fd = 3; fd <= last; fd++) stdio[fd] = descriptors[fd] ?? 'ignore'
  const owner = spawn(process.execPath, [script, SANDBOX_SOURCE], { stdio })
  owners.push(owner)
  const [line] = await once(owner.stdout ?? owner, 'data')
  return { owner, pid: Number(String(line)) }
}

/** Grows by `mib`, writes to all of it, does something else, and answers nothing. */
const grows = (mib: number, then: readonly number[] = []) =>
  reactor([
    ...[...op.i32(mib * PAGES_PER_MIB), ...op.memoryGrow, ...op.drop],
    ...[...op.i32(65_536), ...op.i32(1), ...op.i32(mib * 1_048_576), 0xfc, 11, 0, ...then, ...range(0, 0)],
  ])

describe.skipIf(tools === null)('the kernel', () => {
  test('holds a sandbox to less than its device may do', async () => {
    const { runner, firstPid } = watched()
    await runner.run(leaseOf(endless, [''], { unitFuelMax: 1_000 }))
    const pid = firstPid()
    const proc = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'latin1')
    expect(proc('environ')).toBe('')
    expect(proc('oom_score_adj').trim()).toBe('1000')
    expect(proc('status')).toMatch(/^NoNewPrivs:\s+1$/m)
    const limits = proc('limits')
    expect(limits).toMatch(/^Max file size\s+0\s+0\s/m)
    expect(limits).toMatch(/^Max core file size\s+0\s+0\s/m)
    expect(limits).toMatch(/^Max data size\s+(\d+)\s+\1\s+bytes/m)
    expect(getPriority(pid)).toBe(getPriority() + 10)
    for (const thread of readdirSync(`/proc/${pid}/task`)) expect(getPriority(Number(thread))).toBe(getPriority() + 10)
    const [, , , , group, session] = proc('stat').split(' ')
    expect([group, session]).toEqual([`${pid}`, `${pid}`])
  })

  test('gives it no descriptor but its pipes and what Node makes for itself, whatever its device was left', async () => {
    const leaked = openSync(process.execPath, 'r')
    const { owner, pid } = await startOwner({ [LEAKED_FD]: leaked })
    closeSync(leaked)
    expect(readlinkSync(`/proc/${owner.pid}/fd/${LEAKED_FD}`)).toBe(process.execPath)
    const folder = `/proc/${pid}/fd`
    const kinds = readdirSync(folder).map(fd => ({ fd: Number(fd), to: readlinkSync(join(folder, fd)) }))
    const own = kinds.filter(({ fd }) => fd <= 2).map(({ to }) => to.replace(/\[.*/, ''))
    expect(own).toEqual(['socket:', 'socket:', 'socket:'])
    const node = /^(anon_inode:\[(eventpoll|eventfd|io_uring)\]|pipe:\[\d+\]|\/dev\/null)$/
    expect(kinds.filter(({ fd, to }) => fd > 2 && !node.test(to))).toEqual([])
  })

  test('refuses a task memory that its ceiling has no room for: no result, and the next unit is unharmed', async () => {
    const { runner, pids } = watched({ memoryCeilingMiB: 100 })
    const greedy = leaseOf(grows(200), [''], { memoryPagesMax: 256 * PAGES_PER_MIB })
    const refused = await failure(runner.run(greedy))
    expect(refused.info).toMatchObject({
      code: 'sandbox_died',
      reason: 'There was no memory for a growth that the task is allowed.',
    })
    const [first] = pids()
    await eventually('the process to be gone', () => !isAlive(first ?? 0), GONE_MS)
    expect(await outcomesOf(runner, leaseOf(grows(50), [''], { memoryPagesMax: 256 * PAGES_PER_MIB }))).toMatchObject([
      { kind: 'ok' },
    ])
  })

  test('leaves room for every unit in turn, however much the one before it had', async () => {
    const { runner, pids } = watched({ memoryCeilingMiB: 150 })
    const lease = leaseOf(grows(80), new Array<string>(12).fill(''), { memoryPagesMax: 100 * PAGES_PER_MIB })
    const outcomes = await outcomesOf(runner, lease)
    expect(outcomes.map(({ kind }) => kind)).toEqual(new Array(12).fill('ok'))
    // One did it all; spares for other jobs come when there is no work.
    expect(await outcomesOf(runner, lease)).toEqual(outcomes)
    const [first] = pids()
    expect(isAlive(first ?? 0)).toBe(true)
    expect(pids().length).toBeLessThanOrEqual(3)
  })

  test('ends a compiler that takes too much', async () => {
    // Every loop merges the state of all locals: as many as the profile allows.
    const locals = new Array<number>(1_000).fill(0x7f)
    const loops = Array.from({ length: 2_700 }, (_, index) => [0x03, 0x40, ...op.local(index % 1_000), 0x0d, 0, 0x0b])
    const { runner } = watched({ memoryCeilingMiB: 40 })
    const ended = await failure(runner.run(leaseOf(command(loops.flat(), { locals }))))
    expect(ended.info).toMatchObject({ code: 'sandbox_died', reason: expect.stringMatching(/memory/i) })
    expect(await outcomesOf(runner, leaseOf(endless, [''], { unitFuelMax: 5 }))).toEqual([
      { kind: 'out_of_fuel', fuel: 5 },
    ])
  })

  test('kills a sandbox that is running code when its device is killed', async () => {
    const { owner, pid } = await startOwner()
    expect(isAlive(pid)).toBe(true)
    owner.kill('SIGKILL')
    await eventually('the sandbox to be gone', () => !isAlive(pid), GONE_MS)
  })
})

describe('where the kernel is not asked', () => {
  test('a process that holds too much is found and ended', async () => {
    const clock = manualClock()
    const { runner, firstPid } = watched({ memoryCeilingMiB: 1, tools: null }, { clock })
    const hoard = leaseOf(grows(20, op.forever()), [''], { memoryPagesMax: 32 * PAGES_PER_MIB, ...timeless })
    const run = failure(runner.run(hoard))
    // It may not hold that much at the first look.
    const looks = setInterval(() => void clock.fire(100), 20)
    const { message } = await run
    clearInterval(looks)
    expect(message).toMatch(/it held \d+ MiB, 1 MiB beyond an idle one's are allowed/)
    await eventually('the process to be gone', () => !isAlive(firstPid()), GONE_MS)
  })
})

test('a unit is killed at its backstop, with its process', async () => {
  const { runner, firstPid } = watched()
  await runner.run(leaseOf(endless, [''], { unitFuelMax: 1_000 }))
  const startMs = performance.now()
  const ended = await failure(runner.run(leaseOf(endless, [''], { ...timeless, unitTimeoutMs: 300 })))
  expect(ended.info).toEqual({ code: 'timeout', timeoutMs: 400 })
  expect(performance.now() - startMs).toBeGreaterThan(299)
  await eventually('the process to be gone', () => !isAlive(firstPid()), GONE_MS)
})

test('what a sandbox started goes with it', async () => {
  const dir = tempDir()
  // Stands for code that broke out: it answers like a sandbox, and has a process of its own.
  const impostor = join(dir, 'node')
  writeFileSync(impostor, '#!/bin/sh\nsleep 1000 &\necho $! > "$(dirname "$0")/pid"\nexec sleep 1000\n', {
    mode: 0o755,
  })
  const runner = runnerOf({ nodePath: impostor, loadTimeoutMs: 1_000, tools: null })
  expect((await failure(runner.run(leaseOf(endless)))).code).toBe('timeout')
  const pid = Number(readFileSync(join(dir, 'pid'), 'latin1'))
  expect(pid).toBeGreaterThan(1)
  await eventually('the stray process to be gone', () => !isAlive(pid), GONE_MS)
})

test('a sandbox may read its own code and nothing else', () => {
  const dir = tempDir()
  const probe = join(dir, 'probe.mjs')
  writeFileSync(join(dir, 'secret'), 'secret')
  writeFileSync(
    probe,
    `import fs from 'node:fs'
     const attempts = {
       secret: () => fs.readFileSync(new URL('secret', import.meta.url)),
       passwords: () => fs.readFileSync('/etc/passwd'),
       write: () => fs.writeFileSync(new URL('made', import.meta.url), ''),
       child: () => process.getBuiltinModule('node:child_process').spawnSync('id'),
       worker: () => new (process.getBuiltinModule('node:worker_threads').Worker)('1', { eval: true }),
       addon: () => process.dlopen({ exports: {} }, '/lib/x.node'),
       inspector: () => process.getBuiltinModule('node:inspector').open(0),
       evaluation: () => { try { new Function('return 1') } catch { throw new Error('refused') } },
       own: () => fs.readFileSync(new URL(import.meta.url)),
       environment: () => { if (Object.keys(process.env).length > 0) throw new Error('there is some') },
     }
     for (const [name, attempt] of Object.entries(attempts)) {
       try { attempt(); console.log(name, 'works') } catch (error) { console.log(name, error.code ?? error.message) }
     }`,
  )
  const [file, ...args] = sandboxCommand({ nodePath: process.execPath, entry: probe, tools })
  const { stdout } = spawnSync(file, args, { env: {}, encoding: 'utf8' })
  const answers = stdout.trim().split('\n')
  expect(Object.fromEntries(answers.map(line => line.split(' ', 2)))).toEqual({
    secret: 'ERR_ACCESS_DENIED',
    passwords: 'ERR_ACCESS_DENIED',
    write: 'ERR_ACCESS_DENIED',
    child: 'ERR_ACCESS_DENIED',
    worker: 'ERR_ACCESS_DENIED',
    addon: 'ERR_DLOPEN_DISABLED',
    inspector: 'ERR_ACCESS_DENIED',
    evaluation: 'refused',
    own: 'works',
    environment: 'works',
  })
})

test('a sandbox ends by itself when its device closes the pipe', () => {
  const { status } = spawnSync(process.execPath, sandboxArguments(SANDBOX_SOURCE), { env: {}, input: '' })
  expect(status).toBe(0)
})
