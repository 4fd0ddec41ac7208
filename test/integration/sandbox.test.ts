/** Units in real sandbox processes: what comes of them, and what the pool of processes does. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DeviceEvent } from '../../device/log.ts'
import { sandboxCommand } from '../../device/work/sandbox-command.ts'
import { SandboxProcess } from '../../device/work/sandbox-process.ts'
import { TaskError } from '../../protocol/errors.ts'
import { sha256Hex } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { allowedImport } from '../../protocol/metering/imports.ts'
import { METERING_VERSION, WASI_FUNCTIONS } from '../../protocol/metering/index.ts'
import { systemClock } from '../../protocol/node/clock.ts'
import { manualClock } from '../support/manual-clock.ts'
import { runUnit, taskOf } from '../support/run-task.ts'
import { leaseOf, outcomesOf, ROOT, SANDBOX_SOURCE, testRunners, textOf, UNIT_TIMEOUT_MS } from '../support/runners.ts'
import { command, op, range, reactor, wasiImport } from '../support/wasm-module.ts'

const BUNDLE = join(ROOT, 'dist', 'device', 'sandbox', 'main.cjs')
/** The runner's timer for a unit: the time allowed and the time between two reports. */
const BACKSTOP_MS = UNIT_TIMEOUT_MS + 100
/** The pool's timer for what waits for the next job. */
const SPARES_DELAY_MS = 50

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
/** So much fuel that time runs out first. */
const TIMELESS = { unitFuelMax: LIMITS.unitFuelMax }
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

  test('reports all four outcomes as results, with the same fuel in every process', async () => {
    const runner = runnerOf({ sandboxPath: path })
    const exits = command([...op.i32(9), ...op.call(0)], { imports: [wasiImport('proc_exit', 'i:')] })
    const wordy = reactor(range(0, 1_048_577), { memory: [1, 0, 17] })
    const divides = command([...op.i32(1), ...op.i32(0), ...op.divide, ...op.drop])
    const ends: [module: Uint8Array, end: object][] = [
      [echo, { kind: 'ok' }],
      [exits, { kind: 'exit', code: 9 }],
      [command([...op.unreachable]), { kind: 'trap', trap: 'unreachable' }],
      [divides, { kind: 'trap', trap: 'divide_by_zero' }],
      [command([...op.call(0)]), { kind: 'trap', trap: 'stack_exhausted' }],
      [wordy, { kind: 'trap', trap: 'output_too_large' }],
      [command(op.forever()), { kind: 'out_of_fuel', fuel: 50_000 }],
    ]
    for (const [module, end] of ends) {
      const [outcome, again] = await outcomesOf(runner, leaseOf(module, ['', ''], { unitFuelMax: 50_000 }))
      expect(outcome).toMatchObject(end)
      expect(again).toEqual(outcome)
      expect(outcome).toEqual(runUnit(taskOf(module, 32), undefined, [], 0, 50_000))
    }
  })

  test('kills an endless loop at its backstop, and works again afterwards', async () => {
    const clock = manualClock()
    const runner = runnerOf({ sandboxPath: path }, { clock })
    const run = failure(runner.run(leaseOf(stuck, ['', 'loop', ''], TIMELESS)))
    await clock.fire(BACKSTOP_MS)
    expect(await run).toBe('timeout')
    expect(await outcomesOf(runner, leaseOf(stuck, ['', ''], TIMELESS))).toHaveLength(2)
  })

  test('bounds a task that takes all the memory it can', async () => {
    const [outcome] = await outcomesOf(runnerOf({ sandboxPath: path }), leaseOf(greedy, [''], { memoryPagesMax: 64 }))
    expect(outcome).toMatchObject({ kind: 'ok', bytes: Uint8Array.of(64, 0, 0, 0) })
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
    for (const [name, answer] of others) expect([8, 21, 28, 52], name).toContain(answer)
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

test('has no result when compiling takes too long', async () => {
  const clock = manualClock()
  const run = failure(runnerOf({ loadTimeoutMs: 777 }, { clock }).run(leaseOf(echo)))
  await clock.fire(777)
  expect(await run).toBe('timeout')
})

test('has no result in a sandbox that counts by other rules than its device', async () => {
  const command = sandboxCommand({ nodePath: process.execPath, entry: SANDBOX_SOURCE, tools: null })
  const sandbox = new SandboxProcess({ clock: systemClock }, { command, tools: null, loadTimeoutMs: 20_000 })
  const request = { kind: 'load', module: echo, abi: 'wasi', memoryPagesMax: 16 } as const
  const run = sandbox.load({ ...request, metering: METERING_VERSION + 1 }, 2 ** 30)
  await expect(run).rejects.toThrow(/died \(a device asks its sandbox only for what both can do\)/)
  await sandbox.exited
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
  const running = failure(runner.run(leaseOf(stuck, ['loop'], TIMELESS), first.signal))
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
  const runs = [runner.run(leaseOf(stuck, ['loop'], TIMELESS)), runner.run(leaseOf(echo))].map(failure)
  await runner.close()
  expect(await Promise.all(runs)).toEqual(['cancelled', 'cancelled'])
  expect(await failure(runner.run(leaseOf(echo)))).toBe('cancelled')
})

test('keeps processes ready until there is nothing to do', async () => {
  const clock = manualClock()
  const events: DeviceEvent[] = []
  const count = (name: string) => events.filter(({ event }) => event === name).length
  const runner = runnerOf({ idleMs: 12_345 }, { clock, log: event => events.push(event) })
  await runner.run(leaseOf(echo))
  await runner.run(leaseOf(echo))
  expect([count('sandbox_started'), count('sandbox_ended')]).toEqual([1, 0])
  // One with the module of the last job, and one with none.
  await clock.fire(SPARES_DELAY_MS)
  expect([count('sandbox_started'), count('sandbox_ended')]).toEqual([3, 0])
  await clock.fire(12_345)
  expect([count('sandbox_started'), count('sandbox_ended')]).toEqual([3, 3])
  expect(events.filter(({ level }) => level !== 'debug')).toEqual([])
})

test('runs as many leases at a time as it has slots', async () => {
  const clock = manualClock()
  const runner = runnerOf({ slots: 2 }, { clock })
  const blocked = failure(runner.run(leaseOf(stuck, ['loop'], TIMELESS)))
  expect(await outcomesOf(runner, leaseOf(stuck, ['', ''], TIMELESS))).toHaveLength(2)
  await clock.fire(BACKSTOP_MS)
  expect(await blocked).toBe('timeout')
})

test('shows a developer what a unit said and where its fuel went, and bills it the same', async () => {
  const runner = runnerOf()
  const says = command(
    [
      ...[...op.i32(0), ...op.i32(64), ...op.store(), ...op.i32(4), ...op.i32(3), ...op.store()],
      ...[...op.i32(2), ...op.i32(0), ...op.i32(1), ...op.i32(8), ...op.call(0), ...op.drop],
    ],
    { imports: [wasiImport('fd_write', 'iiii:i')], data: { at: 64, bytes: [111, 104, 33] } },
  )
  const request = leaseOf(says)
  const { outputs } = await runner.run(request)
  const plain = await runner.inspect(request)
  expect(plain).toMatchObject({ outputs, stderr: new TextEncoder().encode('oh!'), profile: [] })
  const { profile, ...profiled } = await runner.inspect(request, { profile: true })
  expect(profiled.outputs).toEqual(outputs)
  expect(profile).toEqual([{ index: 1, fuel: expect.any(Number) }])
  expect(
    await failure(runner.inspect({ ...request, moduleBytes: new Uint8Array(4), module: sha256Hex('0'.repeat(64)) })),
  ).toBe('bad_module')
})
