/** What the sensors did, for people: cells, verdicts, earnings, and how the verdicts compare with the labels. */
import type { Io } from '../../cli/io.ts'
import { formatCount, formatMicro } from '../../cli/terminal/format.ts'
import { createStyle } from '../../cli/terminal/style.ts'
import { tableLines } from '../../cli/terminal/table.ts'
import type { SensingReport } from './sensing.ts'

export function printSensing(io: Io, { outcome, campaigns, latest, codes, earnedMicro }: SensingReport): void {
  const style = createStyle(io.stdout, io.env)
  const print = (text = '') => io.stdout.write(`${text}\n`)
  const cells = campaigns.flatMap(campaign => (latest.get(campaign.id) ?? []).map(window => ({ campaign, window })))
  print()
  for (const line of tableLines(
    cells,
    [
      { title: 'quantity', value: ({ campaign }) => campaign.quantity },
      { title: 'cell', value: ({ window }) => window.cell },
      { title: 'newest', value: ({ campaign, window }) => `${window.value} ${campaign.unit}`, align: 'right' },
      { title: 'from', value: ({ window }) => window.least ?? '', align: 'right' },
      { title: 'to', value: ({ window }) => window.greatest ?? '', align: 'right' },
      { title: 'sensors', value: ({ window }) => `${window.sensors}`, align: 'right' },
      { title: 'accepted', value: ({ window }) => `${window.accepted} of ${window.readings}`, align: 'right' },
    ],
    io.stdout,
    style,
  )) {
    print(line)
  }
  print()
  for (const { id, quantity, readings, accepted, late } of campaigns) {
    const given = [...(codes.get(id) ?? [])].map(([code, count]) => `${code} ${formatCount(count)}`).join(', ')
    const verdicts = given === '' ? '' : ` (${given})`
    const lateness = late === 0 ? '' : `, ${formatCount(late)} of them late`
    print(`${quantity}: ${formatCount(accepted)} of ${formatCount(readings)} readings accepted${lateness}${verdicts}`)
  }
  const { truePositive, falsePositive, falseNegative } = outcome.labelled
  print(
    `Of ${formatCount(truePositive + falseNegative)} readings taken in steam the checks rejected ${formatCount(truePositive)}, and ` +
      `${formatCount(falsePositive)} that carry no label.`,
  )
  const earned = [...earnedMicro].map(([label, micro]) => `${label} ${formatMicro(`${micro}`)}`).join(', ')
  print(
    `Earned by sensing: ${earned}. A reading took ${outcome.bytesPerReading} bytes on the wire, signature included.`,
  )
}
