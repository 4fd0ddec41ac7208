/**
 * Feeds mutated bytes to every parser of the wire: `npm run fuzz -- --seed 1 --count 1000000`.
 * Input i depends on the seed and i alone, so `--first i --count 1` replays a finding.
 * Exits with 1 when a parser did anything but accept or refuse, or stalled.
 */
import { parseArgs } from 'node:util'
import { toHex } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { seededRandom } from '../../protocol/random.ts'
import { mutate, pick } from '../support/mutate.ts'
import { corpus, type Kind } from './corpus.ts'
import { mutateModule } from './mutate-module.ts'
import { TARGETS } from './targets.ts'

const FINDINGS_MAX = 10
/** Far above any pause of a busy machine. */
const STALL_MS = 5_000
/** Each as often as it is listed. */
const KINDS: readonly Kind[] = [
  ...(['payload', 'payload', 'payload', 'frame', 'frame'] as const),
  ...(['reading', 'reading', 'senml'] as const),
  ...(['outputs', 'items', 'text', 'mqtt', 'log', 'log', 'module', 'module', 'module'] as const),
]

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now()) },
    count: { type: 'string', default: '1000000' },
    first: { type: 'string', default: '0' },
  },
})
// Almost every input is refused by an error whose stack nobody reads, and making stacks takes most of the time.
Error.stackTraceLimit = 0
const first = wholeNumber('first', options.first)
const count = wholeNumber('count', options.count)
const inputs = corpus()
const accepted = new Map(TARGETS.map(target => [target.name, 0]))
let findings = 0
let bytesTotal = 0
let slowestMs = 0

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  process.stderr.write(`--${name} must be a whole number, not '${text}'.\n`)
  process.exit(2)
}

function inputOf(index: number): Uint8Array {
  const random = seededRandom(`${options.seed}/${index}`)
  const choose = (kind: Kind) => inputs[kind][pick(random, inputs[kind].length)] ?? new Uint8Array()
  const kind = KINDS[pick(random, KINDS.length)] ?? 'payload'
  const change = kind === 'module' ? mutateModule : mutate
  return change(choose(kind), choose(KINDS[pick(random, KINDS.length)] ?? 'payload'), random)
}

function report(index: number, target: string, bytes: Uint8Array, text: string): void {
  findings++
  process.stdout.write(`\nFINDING in ${target}, input ${index} (--seed ${options.seed} --first ${index} --count 1)\n`)
  process.stdout.write(`${text}\n${toHex(bytes)}\n`)
}

/** The same failure once more, with its stack. */
function stackOf(run: (bytes: Uint8Array) => boolean, bytes: Uint8Array): string {
  Error.stackTraceLimit = 30
  try {
    run(bytes)
    return 'It did not happen a second time.'
  } catch (thrown) {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  } finally {
    Error.stackTraceLimit = 0
  }
}

function feed(index: number): void {
  const bytes = inputOf(index)
  bytesTotal += bytes.length
  for (const { name, run } of TARGETS) {
    const startedMs = performance.now()
    try {
      if (run(bytes)) accepted.set(name, (accepted.get(name) ?? 0) + 1)
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) report(index, name, bytes, stackOf(run, bytes))
    }
    const tookMs = performance.now() - startedMs
    if (tookMs > slowestMs) slowestMs = tookMs
    if (tookMs > STALL_MS) report(index, name, bytes, `It took ${Math.round(tookMs)} ms.`)
  }
}

process.stdout.write(`seed ${options.seed}, ${count} inputs from ${first}, ${TARGETS.length} parsers\n`)
const startedMs = performance.now()
const step = Math.max(1, Math.floor(count / 10))
let done = 0
while (done < count && findings < FINDINGS_MAX) {
  feed(first + done)
  done++
  if (done % step === 0)
    process.stdout.write(`${done} inputs, ${Math.round((performance.now() - startedMs) / 1000)} s\n`)
}

for (const [name, times] of accepted) process.stdout.write(`${name.padEnd(16)} accepted ${times}\n`)
const seconds = (performance.now() - startedMs) / 1000
process.stdout.write(
  `${done} inputs, ${(bytesTotal / 1e6).toFixed(1)} MB, ${seconds.toFixed(1)} s; slowest parse ${slowestMs.toFixed(1)} ms; ` +
    `${findings === 0 ? 'nothing found' : `${findings} found`} (seed ${options.seed})\n`,
)
process.exitCode = findings === 0 ? 0 : 1
