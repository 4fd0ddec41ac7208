/**
 * `npm run -s bench -- NAME [PART...] [--plot FILE] [--flame FILE] [--json]`; without a name it lists what there is, `all` runs everything.
 * Ends with 1 when a bench could not be run. A target that is not met is a figure like any other and is printed as such.
 */
import { parseArgs } from 'node:util'
import { messageOf } from '../../protocol/errors.ts'
import { codec } from './codec.ts'
import { descent } from './descent.ts'
import { footprint } from './footprint.ts'
import { frozen } from './frozen.ts'
import { type Bench, type BenchResult, machine, table } from './harness.ts'
import { heavy } from './heavy.ts'
import { latency } from './latency.ts'
import { ledger } from './ledger.ts'
import { metering, meteringShapes } from './metering/bench.ts'
import { million } from './million.ts'
import { readings } from './readings.ts'
import { scale } from './scale.ts'
import { throughput } from './throughput.ts'
import { Workplace } from './workplace.ts'

const BENCHES: readonly Bench[] = [
  throughput,
  latency,
  codec,
  footprint,
  million,
  metering,
  meteringShapes,
  readings,
  ledger,
  scale,
  frozen,
  heavy,
  descent,
]

const NAME_WIDTH = 17

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    part: { type: 'string', multiple: true, default: [] },
    plot: { type: 'string' },
    flame: { type: 'string' },
  },
})
const [name, ...named] = positionals
const parts = [...named, ...values.part]
const chosen = name === 'all' ? BENCHES : BENCHES.filter(bench => bench.name === name)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

if (name === undefined) {
  process.stdout.write('npm run -s bench -- NAME [PART...] [--plot FILE] [--flame FILE] [--json]\n\n')
  for (const bench of BENCHES) process.stdout.write(`  ${bench.name.padEnd(NAME_WIDTH)}${bench.summary}\n`)
  process.stdout.write(`  ${'all'.padEnd(NAME_WIDTH)}each of them, one after another\n`)
} else if (chosen.length === 0) {
  process.stderr.write(
    `There is no bench '${name}'; there are ${BENCHES.map(bench => bench.name).join(', ')} and all.\n`,
  )
  process.exitCode = 2
}

for (const bench of chosen) {
  const place = new Workplace(bench.name)
  try {
    const result: BenchResult = {
      bench: bench.name,
      machine: machine(),
      ...(await bench.measure(place, parts, values)),
    }
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${table(result)}\n`)
  } catch (error) {
    process.stderr.write(`${bench.name}: ${messageOf(error)}\n`)
    process.exitCode = 1
  } finally {
    await place.clear()
  }
}
