import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../cli/exit-codes.ts'
import { run } from '../../cli/run.ts'
import { sandboxPath } from '../../cli/sandbox-path.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { ROOT } from '../support/runners.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { command, op, rawModule } from '../support/wasm-module.ts'
import { fakeIo } from '../unit/cli/fake-io.ts'

const tempDir = tempDirs()
const RUST = join(ROOT, 'examples', 'prebuilt', 'hello-rust.wasm')
const C = join(ROOT, 'examples', 'prebuilt', 'hello-c.wasm')
const entry = join(ROOT, 'cli', 'main.ts')

async function hedgerow(words: readonly string[], input = '') {
  const io = { ...fakeIo({ cwd: tempDir(), input: new TextEncoder().encode(input) }), entry, clock: systemClock }
  const code = await run(words, io)
  return { code, out: io.stdout.text(), err: io.stderr.text() }
}

const moduleFile = (bytes: Uint8Array): string => {
  const path = join(tempDir(), 'task.wasm')
  writeFileSync(path, bytes)
  return path
}

beforeAll(() => {
  expect(existsSync(sandboxPath(entry)), 'the sandbox is built: npm run build:fast').toBe(true)
})

describe('task check', () => {
  test('says what a module is', async () => {
    const { code, out } = await hedgerow(['task', 'check', RUST])
    expect(code).toBe(EXIT.ok)
    expect(out).toMatch(/WASI command.*\n.*109\.8 KiB/)
    expect(out).toContain('wasi_snapshot_preview1.fd_read')
  })

  test('says it to scripts', async () => {
    const { out } = await hedgerow(['task', 'check', C, '--json'])
    expect(JSON.parse(out)).toMatchObject({ abi: 'wasi', bytes: 38_620, metering: 1, resettable: true })
  })

  test('names what is wrong, where, and what to do', async () => {
    const vector = [0xfd, 0x0c, ...new Array<number>(16).fill(0), 0x1a]
    const { code, err } = await hedgerow(['task', 'check', moduleFile(command(vector))])
    expect(code).toBe(EXIT.failure)
    expect(err).toMatch(/code section, function 0, byte \d+: it uses SIMD .*Build without SIMD/)
  })

  test('refuses what an engine finds invalid', async () => {
    const { code, err } = await hedgerow(['task', 'check', moduleFile(command([...op.i32(1)]))])
    expect(code).toBe(EXIT.failure)
    expect(err).toMatch(/not valid WebAssembly: .*expected 0 elements on the stack/)
  })

  test('refuses a file that is not there, and one that is no module', async () => {
    expect((await hedgerow(['task', 'check', 'nothing.wasm'])).err).toMatch(/nothing\.wasm does not exist/)
    expect((await hedgerow(['task', 'check', moduleFile(rawModule())])).err).toMatch(/it has no memory/)
  })
})

describe('task run', () => {
  test('gives the output alone on standard output, and the same fuel each time', async () => {
    const first = await hedgerow(['task', 'run', RUST], '0 500\n')
    expect(first).toMatchObject({ code: EXIT.ok, out: '95\n' })
    const fuel = /Fuel ([\d,]+),/.exec(first.err)?.[1]
    expect(fuel).toBeDefined()
    expect((await hedgerow(['task', 'run', RUST], '0 500\n')).err).toContain(`Fuel ${fuel},`)
  })

  test('names the functions that burn the fuel, all of it', async () => {
    const { out } = await hedgerow(['task', 'run', RUST, '--profile', '--json'], '0 500\n')
    const { fuel, profile } = JSON.parse(out)
    expect(profile[0]).toMatchObject({ name: 'main::main' })
    const sum = profile.reduce((total: number, row: { fuel: number }) => total + row.fuel, 0)
    // What the host functions charge for the bytes they read and write belongs to no function.
    expect(fuel - sum).toBeGreaterThanOrEqual(0)
    expect(fuel - sum).toBeLessThan(fuel / 100)
  })

  test('shows a panic and ends with the code of a failed job', async () => {
    const { code, out, err } = await hedgerow(['task', 'run', RUST], 'no numbers\n')
    expect({ code, out }).toEqual({ code: EXIT.jobFailed, out: '' })
    expect(err).toMatch(/panicked at 'a number: ParseIntError/)
    expect(err).toMatch(/Unit 0 trapped \(unreachable\)/)
    expect(err, 'the function it happened in').toMatch(/ {2}in function \d+ 'rust_panic'/)
  })

  test('says that fuel ran out, and what to raise', async () => {
    const { code, err } = await hedgerow(['task', 'run', RUST, '--fuel-max', '1000'], '0 500\n')
    expect(code).toBe(EXIT.jobFailed)
    expect(err).toMatch(/ran out of fuel[\s\S]*task\.unitFuelMax[\s\S]*Fuel 1,000, 100\.00 %/)
  })

  test('gives up on a unit that takes too long', async () => {
    const forever = command([0x03, 0x40, 0x0c, 0, 0x0b])
    const line = ['task', 'run', moduleFile(forever), '--fuel-max', '100000000000', '--timeout', '200']
    const { code, err } = await hedgerow(line)
    expect(code).toBe(EXIT.unreachable)
    expect(err).toMatch(/killed after \d+ ms/)
  })
})
