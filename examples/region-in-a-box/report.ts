/** The outcome for people: who did what, the most frequent words, the bill, the books. */
import type { Io } from '../../cli/io.ts'
import { formatCount, formatFuel, formatMicro } from '../../cli/terminal/format.ts'
import { createStyle } from '../../cli/terminal/style.ts'
import { tableLines } from '../../cli/terminal/table.ts'
import { printSensing } from './report-sensing.ts'
import type { Report, RunningRegion } from './run-region.ts'

const TOP_COLUMNS = 4

export function printReport(io: Io, report: Report): void {
  const { outcome, devices, job, top, words, audit, cheatReason, killedWithLeases } = report
  const style = createStyle(io.stdout, io.env)
  const print = (text = '') => io.stdout.write(`${text}\n`)
  const states = new Map(outcome.devices.map(device => [device.id, device.state]))

  print()
  for (const line of tableLines(
    devices,
    [
      { title: 'device', value: device => device.label },
      { title: 'owner', value: device => device.owner },
      { title: 'units', value: device => formatCount(device.unitsAccepted + device.unitsRejected), align: 'right' },
      { title: 'verified', value: device => formatCount(device.unitsAccepted), align: 'right' },
      { title: 'rejected', value: device => formatCount(device.unitsRejected), align: 'right' },
      { title: 'earned', value: device => formatMicro(device.earnedMicro), align: 'right' },
      { title: 'state', value: device => states.get(device.id) ?? '' },
    ],
    io.stdout,
    style,
  )) {
    print(line)
  }
  print()
  print(`The liar was caught: it ${cheatReason}. It is paid nothing.`)
  print(`The killed device held ${killedWithLeases} leases; others did that work.`)
  print()
  print(`The ${top.length} most frequent of ${formatCount(words)} words:`)
  const rows = Math.ceil(top.length / TOP_COLUMNS)
  for (let row = 0; row < rows; row++) {
    const cells = Array.from({ length: TOP_COLUMNS }, (_, column) => top[row + column * rows])
    print(cells.map(cell => (cell ? `${String(cell[1]).padStart(8)}  ${cell[0].padEnd(8)}` : '')).join(''))
  }
  print(
    outcome.job.matchesReference
      ? 'Equal to a count made directly from the same text.'
      : 'NOT equal to a count made directly from the same text.',
  )
  print()
  const { replicaLeases, speculativeLeases, leases, units } = job
  print(
    `Bill: ${formatFuel(job.fuel)} at ${formatMicro(job.gigafuelPriceMicro)} a gigafuel, and ${formatMicro(job.replicaMicro)} for agreement: ` +
      `${formatMicro(job.spentMicro)} of a budget of ${formatMicro(job.budgetMicro)}, ${formatMicro(job.feeMicro)} of it the region's fee.`,
  )
  print(
    `${formatCount(units)} units in ${formatCount(leases)} leases, ${formatCount(replicaLeases)} of them for agreement, ${formatCount(speculativeLeases)} copies of late ones; ${outcome.seconds.toFixed(1)} s.`,
  )
  printSensing(io, report.sensing)
  print()
  print(
    `ledger verify: ${outcome.ledger.balanced ? 'ok' : audit.problems.map(({ message }) => message).join(' ')} ` +
      `(${formatCount(audit.figures.entries)} entries, ${formatCount(audit.figures.transfers)} transfers of the public log replayed)`,
  )
}

export function sayWhatNext(io: Io, running: RunningRegion): void {
  const { coordinator, stateDir, token } = running
  const { hostname, port } = new URL(coordinator.mqttUrl)
  const topics = `hr/1/${coordinator.name}/jobs/melville`
  io.stdout.write(`
The region stays up; Ctrl-C ends it. Its page, for the operator:

  ${coordinator.httpUrl}/#token=${coordinator.adminToken}

In another terminal, here:

  export HEDGEROW_STATE=${stateDir}
  npx hedgerow device list
  npx hedgerow device explain bob-2
  npx hedgerow job explain ${running.outcome.job.id}
  npx hedgerow job bill ${running.outcome.job.id}
  npx hedgerow campaign list
  npx hedgerow campaign explain ${running.report.sensing.campaigns[0]?.id ?? ''}
  npx hedgerow ledger verify
  npx hedgerow submitter add you --fund 100
  npx hedgerow job submit examples/hello-c/job.yaml --as you

or with nothing but an MQTT client:

  mosquitto_sub -h ${hostname} -p ${port} -u melville -P ${token} -t '${topics}/#' -v

README.md goes on from here.
`)
}
