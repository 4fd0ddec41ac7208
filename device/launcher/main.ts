/**
 * `node launcher.mjs device …`: starts `hedgerow device …` of the version that is to run. Its surroundings:
 * `HEDGEROW_HOME` is the folder of versions; left out, `updates` in the folder of the service or of `--folder`. `HEDGEROW_BASE` is the
 * package that the card came with; left out, the one beside or around this file.
 */
import { spawn } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { systemClock } from '../../protocol/node/clock.ts'
import { systemRandom } from '../../protocol/node/random.ts'
import { exists, nodeFiles } from './files.ts'
import { ENTRY, Home } from './home.ts'
import { Launcher } from './launcher.ts'
import { LAUNCHER_VARIABLE } from './messages.ts'
import type { Child, Ended } from './session.ts'
import { TIMING, type Timing } from './timing.ts'

const args = process.argv.slice(2)
const { env } = process

/** Where the package may lie, seen from this file: linked to on a card, installed with npm in its folder, unpacked in it, or around it. */
const BASES = ['current', 'node_modules/hedgerow', 'lib/node_modules/hedgerow', 'base', '../..']

function findBase(): string | null {
  const here = import.meta.dirname
  const folders = env.HEDGEROW_BASE ? [resolve(env.HEDGEROW_BASE)] : BASES.map(path => resolve(here, path))
  return folders.find(folder => exists(nodeFiles, folder, ...ENTRY)) ?? null
}

function homePath(): string {
  if (env.HEDGEROW_HOME) return resolve(env.HEDGEROW_HOME)
  const service = env.STATE_DIRECTORY?.split(':')[0]
  const at = args.findIndex(arg => arg === '--folder' || arg.startsWith('--folder='))
  const folder = args[at]?.split('=')[1] ?? args[at + 1]
  return join(service ?? (at < 0 || folder === undefined ? dirname(import.meta.filename) : resolve(folder)), 'updates')
}

/** Shorter times for a trial run, such as `{"lookEveryMs":1000}`. */
function timing(): Timing {
  return env.HEDGEROW_LAUNCHER_TIMING ? { ...TIMING, ...JSON.parse(env.HEDGEROW_LAUNCHER_TIMING) } : TIMING
}

function start(entry: string, words: readonly string[], kind: 'device' | 'updater'): Child {
  // A watchdog of the service is fed by whoever runs the device, not by this process.
  const { WATCHDOG_PID: _, ...rest } = env
  const child = spawn(process.execPath, [entry, ...words], {
    stdio: kind === 'device' ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
    env: kind === 'device' ? { ...rest, [LAUNCHER_VARIABLE]: '1' } : rest,
  })
  const ended = new Promise<Ended>(settle => {
    child.once('exit', (code, signal) => settle({ code, signal }))
    child.once('error', () => settle({ code: 127, signal: null }))
  })
  return {
    ended,
    send: message => {
      if (child.connected) child.send(message, () => {})
    },
    kill: signal => void child.kill(signal),
    onMessage: listener => void child.on('message', listener),
  }
}

const launcher = new Launcher(
  {
    clock: systemClock,
    random: systemRandom,
    log: sentence => void process.stderr.write(`hedgerow launcher: ${sentence}\n`),
    spawn: start,
  },
  { home: new Home(nodeFiles, homePath(), findBase()), args, timing: timing() },
)
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
// A terminal sends SIGINT to the device as well, for which a second one means: at once.
for (const signal of signals) process.on(signal, () => launcher.stop(signal === 'SIGINT' ? 'SIGTERM' : signal))
const { code, signal } = await launcher.run()
if (signal === null) process.exit(code ?? 1)
for (const name of signals) process.removeAllListeners(name)
process.kill(process.pid, signal)
