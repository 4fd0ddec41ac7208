/**
 * `npm run test:crash -- [--kills 200] [--commits] [--seed S]`: kills a region's processes again and again and checks that nothing of
 * value is lost; with `--commits` the coordinator alone, in the middle of group commits. Ends with 1 when something was.
 */
import { parseArgs } from 'node:util'
import { crash } from './engine.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    commits: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now()) },
  },
})
if (!/^[1-9]\d{0,5}$/.test(values.kills)) {
  process.stderr.write(`--kills must be a whole number from 1, not '${values.kills}'.\n`)
  process.exit(2)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

process.stdout.write(`seed ${values.seed}\n`)
const startMs = performance.now()
const report = await crash({
  kills: Number(values.kills),
  seed: values.seed,
  commitsOnly: values.commits,
  say: line => process.stdout.write(`${((performance.now() - startMs) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`),
})
const { problems, coordinatorKills, deviceKills, jobs, repeats, ackedFrames, figures, met, commitsCut, log } = report
const { seconds, folder } = report
process.stdout.write(
  `${coordinatorKills + deviceKills} kills (coordinator ${coordinatorKills}, devices ${deviceKills}) in ${seconds} s; ` +
    `${jobs} jobs accepted, ${repeats} requests repeated, ${ackedFrames} result frames acknowledged\n`,
)
if (figures !== null)
  process.stdout.write(
    `${figures.leases} leases, ${figures.runs} accepted runs, ${figures.transfers} transfers looked over\n`,
  )
process.stdout.write(
  `The coordinator died with, in all, ${met.jobsRunning} jobs running, ${met.jobsAggregating} aggregating, ` +
    `${met.leasesOut} leases out and ${met.leasesReturned} answers waiting for others; ` +
    `${commitsCut} times at least in the middle of a commit\n`,
)
process.stdout.write(
  `The public log has ${log.entries} entries; ${log.checkpointsSeen} checkpoints of it were seen meanwhile\n`,
)
for (const problem of problems) process.stdout.write(`PROBLEM: ${problem}\n`)
if (problems.length > 0)
  process.stdout.write(
    `Everything is in ${folder}; again: npm run test:crash -- --seed ${values.seed} --kills ${values.kills}${values.commits ? ' --commits' : ''}\n`,
  )
else
  process.stdout.write(
    'ok: every answer right, nothing lost, nothing paid twice, the books balance, the log is whole\n',
  )
process.exit(problems.length === 0 ? 0 : 1)
