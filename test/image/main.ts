/**
 * `npm run test:image [-- --case NAME]... [--folder DIR] [--keep]`: cards are flashed by `hedgerow flash` and boot as emulated arm64 machines, which
 * become devices by themselves, or say why they cannot. Minutes long; ends with 1 when something did not happen. See README.md beside.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { noNetwork } from './cases/no-network.ts'
import { noTime } from './cases/no-time.ts'
import { offline } from './cases/offline.ts'
import { claimUsed, wrongRegion } from './cases/refused-claims.ts'
import { registry } from './cases/registry.ts'
import { Run } from './run.ts'

/** In the order of `--case all`. Those after `offline`, but for `registry`, begin with the card that it leaves. */
const CASES: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  offline,
  'no-network': noNetwork,
  'no-time': noTime,
  'claim-used': claimUsed,
  'wrong-region': wrongRegion,
  registry,
}

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true, default: ['offline'] },
    folder: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const folder = values.folder ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hedgerow', 'image')
const names = values.case.includes('all') ? Object.keys(CASES) : values.case
const unknown = names.find(name => CASES[name] === undefined)
if (unknown !== undefined) {
  process.stderr.write(`There is no case '${unknown}': take ${Object.keys(CASES).join(', ')} or all.\n`)
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
let code = 0
let current: Run | null = null
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await current?.end(values.keep)
    process.exit(130)
  })
}
for (const name of names) {
  const run = new Run({ folder, case: name })
  current = run
  process.stdout.write(`${name}\n`)
  try {
    if (!['base.img', 'kernel', 'initrd'].every(file => existsSync(join(folder, file)))) {
      run.say(`building an image of arm64 Debian in ${folder}, a quarter of an hour`)
      run.sh(join(import.meta.dirname, 'build-base'), folder)
    }
    await CASES[name]?.(run)
    run.say('ok')
  } catch (error) {
    code = 1
    run.say(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await run.end(values.keep)
  }
}
process.exit(code)
