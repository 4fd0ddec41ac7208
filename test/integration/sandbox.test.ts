import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DeviceEvent } from '../../device/log.ts'
import { sandboxArguments } from '../../device/work/sandbox-command.ts'
import { TaskError } from '../../protocol/errors.ts'
import { sha256Hex } from '../../protocol/ids.ts'
import { allowedImport } from '../../protocol/metering/imports.ts'
import { WASI_FUNCTIONS } from '../../protocol/metering/index.ts'
import { manualClock } from '../support/manual-clock.ts'
import { leaseOf, outcomesOf, ROOT, SANDBOX_SOURCE, testRunners, textOf, UNIT_TIMEOUT_MS } from '../support/runners.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { command, op, range, reactor, wasiImport } from '../support/wasm-module.ts'

const BUNDLE = join(ROOT, 'dist', 'device', 'sandbox', 'main.js')
/** The runner's timer for a unit: the time allowed and the time between two reports. */
const BACKSTOP_MS = UNIT_TIMEOUT_MS + 100

const tempDir = tempDirs()
const runnerOf = testRunners()

/** The code of the TaskError that a run without result ends with. */
async function failure(run: Promise<unknown>): Promise<string> {
  const thrown = await run.then(
    () => 'a result',
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(TaskError)
  return thrown instanceof TaskError ? thrown.code : ''
}

/** Reads up to 1000 bytes of standard input and writes them to standard output. */
const echo = command(
  [
    ...[...op.i32(0), ...op.i32(1_024), ...op.store(), ...op.i32(4), ...op.i32(1_000), ...op.store()],
    ...[...op.i32(0), ...op.i32(0), ...op.i32(1), ...op.i32(4), ...op.call(0), ...op.drop],
    ...[...op.i32(1), ...op.i32(0), ...op.i32(1), ...op.i32(8), ...op.call(1), ...op.drop],
  ],
  { imports: [wasiImport('fd_read', 'iiii:i'), wasiImport('fd_write', 'iiii:i')] },
)
/** Loops for ever when its input is not empty. */
const stuck = reactor([...op.local(1), 0x04, 0x40, ...op.forever(), 0x0b, ...range(0, 0)])
/** Its page count after growing by single pages until that fails, every page written to. */
const greedy = reactor([
  ...[0x03, 0x40, ...op.memorySize, ...op.i32(16), 0x74, ...op.i32(4), 0x6b, ...op.i32(1), ...op.store()],
  ...[...op.i32(1), ...op.memoryGrow, ...op.i32(-1), 0x47, 0x0d, 0, 0x0b],
  ...[...op.i32(0), ...op.memorySize, ...op.store(), ...range(0, 4)],
])
const random = reactor([...op.i32(0), ...op.i32(32), ...op.call(0), ...op.drop, ...range(0, 32)], {
  imports: [wasiImport('random_get', 'ii:i')],
})
/** Answers with a whole MiB. */
const verbose = reactor(range(0, 1_048_576), { memory: [1, 0, 16] })

const ANSWERS = 4_096
/** Calls every function of WASI preview 1 but proc_exit, and answers with the error numbers. */
const nosy = (() => {
  const names = WASI_FUNCTIONS.filter(name => name !== 'proc_exit')
  const types = names.map(name => allowedImport('wasi_snapshot_preview1', name) ?? '')
  const code = types.flatMap((type, index) => {
    const values = [...(type.split(':')[0] ?? '')].flatMap((letter, place) =>
      // File 3 would be the first folder; pointers go to free memory.
      letter === 'I' ? op.i64(0) : op.i32(place === 0 ? 3 : 2_048),
    )
    return [...op.i32(ANSWERS + index * 4), ...values, ...op.call(index), ...op.store()]
  })
  const imports = names.map((name, index) => wasiImport(name, types[index] ?? ''))
  return { names, module: reactor([...code, ...range(ANSWERS, names.length * 4)], { imports }) }
})()

const variants: [string, string][] = [['TypeScript source', SANDBOX_SOURCE]]
if (existsSync(BUNDLE)) variants.push(['built file', BUNDLE])
else console.warn('SKIPPED: the built sandbox is not tested, since dist/ is missing; run npm run build:fast.')

describe.each(variants)('a sandbox from its %s', (_form, path) => {
  test('runs the units of a lease in order', async () => {
    const inputs = ['', 'hello', 'x'.repeat(1_000), 'ünïcode']
    expect((await outcomesOf(runnerOf({ sandboxPath: path }), leaseOf(echo, inputs))).map(textOf)).toEqual(inputs)
  })

  test('reports traps and exit codes as results', async () => {
    const exits = command([...op.i32(9), ...op.call(0)], { imports: [wasiImport('proc_exit', 'i:')] })
    const runner = runnerOf({ sandboxPath: path })
    expect(await outcomesOf(runner, leaseOf(exits))).toEqual([{ kind: 'exit', code: 9 }])
    expect(await outcomesOf(runner, leaseOf(command([...op.unreachable])))).toEqual([
      { kind: 'trap', trap: 'unreachable' },
    ])
    const deep = command([...op.call(0)])
    expect(await outcomesOf(runner, leaseOf(deep))).toEqual([{ kind: 'trap', trap: 'stack_exhausted' }])
    const wordy = reactor(range(0, 1_048_577), { memory: [1, 0, 17] })
    expect(await outcomesOf(runner, leaseOf(wordy))).toEqual([{ kind: 'trap', trap: 'output_too_large' }])
  })

  test('kills an endless loop at its backstop, and works again afterwards', async () => {
    const clock = manualClock()
    const runner = runnerOf({ sandboxPath: path }, { clock })
    const run = failure(runner.run(leaseOf(stuck, ['', 'loop', ''])))
    await clock.fire(BACKSTOP_MS)
    expect(await run).toBe('timeout')
    expect(await outcomesOf(runner, leaseOf(stuck, ['', '']))).toHaveLength(2)
  })

  test('bounds a task that takes all the memory it can', async () => {
    const [outcome] = await outcomesOf(runnerOf({ sandboxPath: path }), leaseOf(greedy, [''], { memoryPagesMax: 64 }))
    expect(outcome).toEqual({ kind: 'ok', bytes: Uint8Array.of(64, 0, 0, 0) })
  })

  test('gives each unit its own random bytes, the same in every process', async () => {
    const first = await outcomesOf(runnerOf({ sandboxPath: path }), leaseOf(random, ['', '', '']))
    const again = await outcomesOf(runnerOf({ sandboxPath: path }), leaseOf(random, ['', ''], { firstUnit: 1 }))
    expect(again).toEqual(first.slice(1))
    expect(new Set(first.map(outcome => JSON.stringify(outcome))).size).toBe(3)
  })

  test('denies a task files, network and environment', async () => {
    const [outcome] = await outcomesOf(runnerOf({ sandboxPath: path }), leaseOf(nosy.module))
    const bytes = outcome?.kind === 'ok' ? outcome.bytes : new Uint8Array(0)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const answers = Object.fromEntries(nosy.names.map((name, index) => [name, view.getUint32(index * 4, true)]))
    const allowed = Object.keys(answers).filter(name => answers[name] === 0)
    // What these give is nothing: no arguments, no environment, a clock at 0, seeded bytes.
    expect(allowed).toEqual([
      ...['args_get', 'args_sizes_get', 'clock_res_get', 'clock_time_get'],
      ...['environ_get', 'environ_sizes_get', 'random_get', 'sched_yield'],
    ])
    const others = Object.entries(answers).filter(([name]) => !allowed.includes(name))
    for (const [name, answer] of others) expect([8, 21, 52], name).toContain(answer)
    expect([answers.path_open, answers.sock_send, answers.fd_prestat_get]).toEqual([52, 52, 8])
  })
})

test('refuses bad modules without running anything', async () => {
  const runner = runnerOf()
  const request = leaseOf(echo)
  const missing = { ...request, moduleBytes: new Uint8Array(4), module: sha256Hex('0'.repeat(64)) }
  expect(await failure(runner.run(missing))).toBe('bad_module')
  expect(await failure(runner.run({ ...request, abi: 'reactor' }))).toBe('bad_module')
  // Sound in structure, wrong in its instructions: `add` with nothing to add.
  expect(await failure(runner.run(leaseOf(command([...op.add]))))).toBe('bad_module')
  expect((await outcomesOf(runner, leaseOf(echo, ['still here']))).map(textOf)).toEqual(['still here'])
})

test('has no result when the outputs of a lease outgrow it', async () => {
  const runner = runnerOf()
  expect(await failure(runner.run(leaseOf(verbose, new Array<string>(17).fill(''))))).toBe('bad_output')
  expect(await outcomesOf(runner, leaseOf(verbose, ['', '']))).toHaveLength(2)
})

test('has no result when the process passes its memory ceiling', async () => {
  const clock = manualClock()
  const run = failure(runnerOf({ memoryCeilingMiB: 1 }, { clock }).run(leaseOf(stuck, ['loop'])))
  await clock.fire(200)
  expect(await run).toBe('sandbox_died')
})

test('has no result when compiling takes too long', async () => {
  const clock = manualClock()
  const run = failure(runnerOf({ loadTimeoutMs: 777 }, { clock }).run(leaseOf(echo)))
  await clock.fire(777)
  expect(await run).toBe('timeout')
})

test('has no result when there is no such Node', async () => {
  const run = failure(runnerOf({ nodePath: join(ROOT, 'no-such-node') }).run(leaseOf(echo)))
  expect(await run).toBe('sandbox_died')
})

test('says that the sandbox is missing before any lease comes', () => {
  expect(() => runnerOf({ sandboxPath: join(ROOT, 'nowhere.js') })).toThrow(/build or install/)
})

test('calls work off at once: running, waiting and not begun', async () => {
  const clock = manualClock()
  const runner = runnerOf({}, { clock })
  const first = new AbortController()
  const second = new AbortController()
  const running = failure(runner.run(leaseOf(stuck, ['loop']), first.signal))
  const waiting = failure(runner.run(leaseOf(echo), second.signal))
  const patient = outcomesOf(runner, leaseOf(echo, ['done']))
  second.abort()
  expect(await waiting).toBe('cancelled')
  first.abort()
  expect(await running).toBe('cancelled')
  expect((await patient).map(textOf)).toEqual(['done'])
  expect(await failure(runner.run(leaseOf(echo), AbortSignal.abort()))).toBe('cancelled')
})

test('rejects what is running when it is closed, and everything after', async () => {
  const runner = runnerOf()
  const runs = [runner.run(leaseOf(stuck, ['loop'])), runner.run(leaseOf(echo))].map(failure)
  await runner.close()
  expect(await Promise.all(runs)).toEqual(['cancelled', 'cancelled'])
  expect(await failure(runner.run(leaseOf(echo)))).toBe('cancelled')
})

test('keeps a process for each of the last modules and one without, until there is nothing to do', async () => {
  const clock = manualClock()
  const events: DeviceEvent[] = []
  const count = (name: string) => events.filter(({ event }) => event === name).length
  const runner = runnerOf({ idleMs: 12_345 }, { clock, log: event => events.push(event) })
  const counts: number[][] = []
  for (const module of [echo, echo, random, echo, verbose, random]) {
    await runner.run(leaseOf(module))
    counts.push([count('sandbox_started'), count('sandbox_ended')])
  }
  // The third module pushes out the one used longest ago, which then has to start again.
  expect(counts).toEqual([
    ...[
      [2, 0],
      [2, 0],
      [3, 0],
      [3, 0],
      [4, 1],
      [5, 2],
    ],
  ])
  await clock.fire(12_345)
  expect(count('sandbox_ended')).toBe(5)
  expect(events.filter(({ level }) => level !== 'debug')).toEqual([])
})

test('runs as many leases at a time as it has slots', async () => {
  const clock = manualClock()
  const runner = runnerOf({ slots: 2 }, { clock })
  const blocked = failure(runner.run(leaseOf(stuck, ['loop'])))
  expect(await outcomesOf(runner, leaseOf(stuck, ['', '']))).toHaveLength(2)
  await clock.fire(BACKSTOP_MS)
  expect(await blocked).toBe('timeout')
})

test('starts processes that may read their own code and nothing else', () => {
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
       own: () => fs.readFileSync(new URL(import.meta.url)),
       environment: () => { if (Object.keys(process.env).length > 0) throw new Error('there is some') },
     }
     for (const [name, attempt] of Object.entries(attempts)) {
       try { attempt(); console.log(name, 'works') } catch (error) { console.log(name, error.code ?? error.message) }
     }`,
  )
  const { stdout } = spawnSync(process.execPath, sandboxArguments(probe), { env: {}, encoding: 'utf8' })
  expect(
    Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map(line => line.split(' ', 2)),
    ),
  ).toEqual({
    secret: 'ERR_ACCESS_DENIED',
    passwords: 'ERR_ACCESS_DENIED',
    write: 'ERR_ACCESS_DENIED',
    child: 'ERR_ACCESS_DENIED',
    worker: 'ERR_ACCESS_DENIED',
    addon: 'ERR_DLOPEN_DISABLED',
    inspector: 'ERR_ACCESS_DENIED',
    own: 'works',
    environment: 'works',
  })
})

test('ends by itself when the device is gone', () => {
  const { status } = spawnSync(process.execPath, sandboxArguments(SANDBOX_SOURCE), { env: {}, input: '' })
  expect(status).toBe(0)
})
