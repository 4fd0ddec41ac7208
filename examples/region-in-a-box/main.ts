/**
 * A region in a box: one coordinator and six devices of three owners count the words of Moby-Dick. One device lies, one is
 * killed; the answer must be right all the same, the liar unpaid and the books balanced.
 * `npm start` runs it and keeps the region up; `--once` ends after the job; `--json` prints the outcome as one JSON object.
 */
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { messageOf } from '../../protocol/errors.ts'
import { processIo } from './process-io.ts'
import { printReport, sayWhatNext } from './report.ts'
import { runRegion } from './run-region.ts'

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    state: { type: 'string', default: '.hedgerow-demo' },
  },
})

const io = processIo()
try {
  const running = await runRegion({ io, stateDir: values.state, json: values.json })
  const { outcome, report } = running
  if (values.json) io.stdout.write(`${JSON.stringify(outcome)}\n`)
  else printReport(io, report)
  process.exitCode = outcome.ok ? 0 : 1
  if (!values.once) {
    if (!values.json) sayWhatNext(io, running)
    await running.untilStopped()
  }
  await running.close()
  if (values.once) rmSync(values.state, { recursive: true, force: true })
} catch (error) {
  io.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = 1
}
// Children are gone by now; nothing else may keep the process.
process.exit()
