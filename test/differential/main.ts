/**
 * Compares random modules metered and plain for as long as one likes: `node test/differential/main.ts --seed 1 --count 100000`.
 * One in twenty is of Binaryen's generator, one in fifty recurs without end. Exits with 1 at the first that differs.
 */
import { parseArgs } from 'node:util'
import { type Campaign, runCampaign } from './campaign.ts'

/** Modules of one thread: a finding comes soon, and a thread's garbage is left behind with it. */
const BATCH = 2_000

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    count: { type: 'string', default: '50000' },
  },
})
const seed = wholeNumber('seed', options.seed)
const count = wholeNumber('count', options.count)

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  process.stderr.write(`--${name} must be a whole number below a thousand million, not '${text}'.\n`)
  process.exit(2)
}

process.stdout.write(`seed ${seed}, ${count} modules\n`)
const startedMs = performance.now()
const endings: Record<string, number> = {}
let done = 0

for (let batch = 0; done < count && process.exitCode === undefined; batch++) {
  const size = Math.min(BATCH, count - done)
  const campaigns: Campaign[] = [
    { kind: 'generated', seed: seed + batch, count: Math.ceil(size * 0.93) },
    { kind: 'binaryen', seed: seed + batch, count: Math.ceil(size * 0.05) },
    { kind: 'recursive', seed: seed + batch, count: Math.ceil(size * 0.02) },
  ]
  for (const campaign of campaigns) {
    const report = await runCampaign(campaign)
    for (const [name, times] of Object.entries(report.endings)) endings[name] = (endings[name] ?? 0) + times
    if (report.failure === null) continue
    process.stdout.write(`\nFINDING in ${campaign.kind}, seed ${campaign.seed}: ${report.failure}\n`)
    process.exitCode = 1
  }
  done += size
  process.stdout.write(`${done} modules, ${Math.round((performance.now() - startedMs) / 1_000)} s\n`)
}

for (const [name, times] of Object.entries(endings)) process.stdout.write(`${name.padEnd(22)} ${times}\n`)
