/**
 * Compares x64 and arm64 on random modules for as long as one likes: `node test/arm64/main.ts --seed 1 --count 20000`, after
 * `test/arm64/prepare`. Exits with 1 when any differs.
 */
import { parseArgs } from 'node:util'
import { toHex } from '../../protocol/bytes.ts'
import { generated } from './corpus.ts'
import { arm64Machine, HOST } from './machine.ts'
import { meteredOf, resultsOn } from './results.ts'

/** Modules of one process. */
const BATCH = 1_000
const RECURSIVE_EVERY = 50
const BATCH_TIMEOUT_MS = 600_000

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    count: { type: 'string', default: '10000' },
  },
})
const seed = Number(options.seed)
const count = Number(options.count)
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(count)) {
  process.stderr.write('--seed and --count must be whole numbers.\n')
  process.exit(2)
}
const arm64 = arm64Machine()
if (typeof arm64 === 'string') {
  process.stderr.write(`There is no arm64 to compare with, since ${arm64}.\n`)
  process.exit(2)
}

process.stdout.write(`seed ${seed}, ${count} modules\n`)
const startedMs = performance.now()
const endings: Record<string, number> = {}
let differences = 0

for (let first = 0; first < count; first += BATCH) {
  const indices = Array.from({ length: Math.min(BATCH, count - first) }, (_, at) => first + at)
  const cases = indices.map(index => generated(index % RECURSIVE_EVERY === 0 ? 'recursive' : 'any', index, seed))
  const signal = AbortSignal.timeout(BATCH_TIMEOUT_MS)
  const [x64, other] = await Promise.all([resultsOn(HOST, cases, signal), resultsOn(arm64, cases, signal)])
  const [ours, theirs] = [meteredOf(x64), meteredOf(other)].map(results => results.map(one => JSON.stringify(one)))
  for (const [at, { name, module }] of cases.entries()) {
    const ending = x64[at]?.metered.ending ?? 'missing'
    endings[ending] = (endings[ending] ?? 0) + 1
    if (ours?.[at] === theirs?.[at]) continue
    differences++
    process.stdout.write(`\nFINDING: ${name}\nx64   ${ours?.[at]}\narm64 ${theirs?.[at]}\n${toHex(module)}\n`)
  }
  const seconds = Math.round((performance.now() - startedMs) / 1_000)
  process.stdout.write(`${first + cases.length} modules, ${seconds} s, ${differences} differences\n`)
}

for (const [name, times] of Object.entries(endings)) process.stdout.write(`${name.padEnd(22)} ${times}\n`)
process.exitCode = differences === 0 ? 0 : 1
