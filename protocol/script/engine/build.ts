/**
 * Builds `dist/protocol/javascript-engine.wasm`, in which every JavaScript task runs, unless it is there and newer than all it is made of.
 * `--quiet` prints errors only.
 */
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../errors.ts'
import { withSegment } from '../segment.ts'
import { prepare } from './prepare.ts'
import { snapshot } from './snapshot.ts'

const here = import.meta.dirname
const built = join(here, '..', '..', '..', 'dist', 'protocol', 'javascript-engine.wasm')
const notice = built.replace(/wasm$/, 'txt')
const quickjs = fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm'))
const binaryen = dirname(fileURLToPath(import.meta.resolve('binaryen')))

/** WebAssembly beyond the first version that every device's profile has. */
const FEATURES = [
  '--mvp-features',
  '--enable-bulk-memory',
  '--enable-bulk-memory-opt',
  '--enable-mutable-globals',
  '--enable-multivalue',
  '--enable-nontrapping-float-to-int',
  '--enable-reference-types',
  '--enable-sign-ext',
]

/** `-O3` and `-O4` take two and three times as long and give the same speed. The snapshot has packed the memory already. */
const OPTIMIZE = ['-O2', '--skip-pass=memory-packing']

/** A length of 0: the engine is a compiler until it gets a script. */
const NO_SCRIPT = new Uint8Array(4)

/** What a device needs of a task. */
const EXPORTS = ['memory', 'alloc', 'run']

function isStale(): boolean {
  if (!existsSync(built)) return true
  const builtMs = statSync(built).mtimeMs
  const sources = readdirSync(here, { recursive: true, encoding: 'utf8' }).map(name => join(here, name))
  return [...sources, join(here, '..', 'segment.ts'), join(here, '..', 'wasm-file.ts'), quickjs].some(
    path => statSync(path).mtimeMs > builtMs,
  )
}

function build(folder: string): void {
  const step = (name: string) => join(folder, `${name}.wasm`)
  tool('wasm-as', join(here, 'driver.wat'), ...FEATURES, '-o', step('driver'))
  // The driver comes first, so that its segment has the index 0 before and after the snapshot.
  const parts = [step('driver'), 'env', quickjs, 'engine']
  tool('wasm-merge', ...parts, '--all-features', '-o', step('merged'))
  const merged = readFileSync(step('merged'))
  const engine = prepare(merged)
  const state = {
    memory: engine.memory,
    stackTop: engine.global('__stack_pointer'),
    global: (name: string) => engine.global(name),
  }
  writeFileSync(step('ready'), snapshot(merged, state, EXPORTS))
  tool('wasm-opt', step('ready'), ...FEATURES, ...OPTIMIZE, '-o', step('small'))
  mkdirSync(dirname(built), { recursive: true })
  writeFileSync(notice, [join(here, 'NOTICE.txt'), join(dirname(quickjs), 'LICENSE')].map(read).join(''))
  // In one step, since somebody may be reading the one before.
  const unfinished = `${built}.${process.pid}`
  writeFileSync(unfinished, withSegment(readFileSync(step('small')), NO_SCRIPT))
  renameSync(unfinished, built)
}

const read = (path: string) => readFileSync(path, 'utf8')

function tool(name: string, ...options: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [join(binaryen, 'bin', name), ...options], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${name} ended with code ${status}. ${stderr}`)
}

if (isStale()) {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-engine-'))
  try {
    build(folder)
    if (!process.argv.includes('--quiet')) console.log(`built ${built}`)
  } catch (error) {
    console.error(`The JavaScript engine could not be built; correct its sources, or run npm ci. ${messageOf(error)}`)
    process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}
