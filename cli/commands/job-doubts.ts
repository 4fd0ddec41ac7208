import type { JobDoubts, UnitSpan } from '../../coordinator/http/doubts-api.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { findJob } from '../find.ts'
import { formatCount } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'
import { printable } from '../terminal/text.ts'

type Right = JobDoubts['right'][number]

const RIGHT: readonly Column<Right>[] = [
  { title: 'UNIT', align: 'right', value: ({ unit }) => `${unit}` },
  { title: 'FUEL', align: 'right', value: ({ fuel }) => formatCount(fuel) },
  { title: 'RIGHT RESULT', value: rightText, shrinks: true },
]

/** `hedgerow job doubts` */
export const jobDoubts = defineCommand({
  name: 'job doubts',
  summary: 'show which units of a job cannot be relied on, and what is right where that is known',
  details:
    'Suspect units rest on the word of a device that was caught; nobody has looked at them again. Wrong ones were looked at: others came\n' +
    "to something else. The job's answer stays as it was given. With --json all units are named, and small outputs are there as base64.",
  positionals: [{ name: 'JOB', describe: 'its id, the beginning of its id, or its name' }],
  options: AS_OPTION,
  examples: [
    { line: 'hedgerow job doubts word-count', does: 'the units, and the right results of those that are wrong' },
    { line: 'hedgerow job doubts word-count --json', does: 'the same, whole, for a program' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    const api = connectForJobs(io, options.state, options.as)
    const doubts = await api.jobDoubts(await findJob(api, text))
    const { suspect, wrong, right } = doubts
    out.result(doubts, style => [
      spansText('Suspect', suspect),
      spansText('Wrong', wrong),
      ...(right.length === 0 ? [] : ['', ...tableLines(right, RIGHT, io.stdout, style)]),
    ])
    return EXIT.ok
  },
})

/** Such as `Wrong: 5 units (3-6, 9)`. */
function spansText(word: string, spans: readonly UnitSpan[]): string {
  const units = spans.reduce((sum, span) => sum + span.units, 0)
  if (units === 0) return `${word}: none`
  const named = spans.map(({ firstUnit, units: count }) =>
    count === 1 ? `${firstUnit}` : `${firstUnit}-${firstUnit + count - 1}`,
  )
  return `${word}: ${formatCount(units)} ${units === 1 ? 'unit' : 'units'} (${named.join(', ')})`
}

/** An output as text where it is some, else its length and the beginning of its hash; how it ended where there is none. */
function rightText({ outcome, detail, base64, bytes, sha256 }: Right): string {
  if (outcome !== 'ok') return detail === undefined ? outcome : `${outcome}:${detail}`
  const content = base64 === undefined ? null : Buffer.from(base64, 'base64')
  const text = content?.toString('utf8')
  if (text !== undefined && text !== '' && !text.includes('\ufffd')) return printable(text)
  return `${formatCount(bytes ?? 0)} bytes, sha256 ${(sha256 ?? '').slice(0, 16)}…`
}
