import type { Witness } from '../../coordinator/http/witness-api.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatCount, formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'
import { regionOf } from '../witness-find.ts'

const COLUMNS: readonly Column<Witness>[] = [
  { title: 'REGION', value: ({ origin }) => regionOf(origin) },
  { title: 'ADDRESS', value: ({ url }) => url, shrinks: true },
  { title: 'WE COSIGNED', align: 'right', value: ({ cosignedByUs }) => formatCount(cosignedByUs) },
  {
    title: 'THEY COSIGNED',
    align: 'right',
    value: ({ cosignedByThem }) => (cosignedByThem === null ? '-' : formatCount(cosignedByThem.size)),
  },
  { title: 'AT', value: ({ cosignedByThem }) => (cosignedByThem === null ? '-' : formatTime(cosignedByThem.atMs)) },
  {
    title: 'STATE',
    value: stateOf,
    paint: (witness, style) =>
      witness.conflict !== null ? style.bad : witness.problem === '' ? style.good : style.warn,
  },
]

function stateOf({ problem, conflict }: Witness): string {
  if (conflict !== null) return 'two histories'
  return problem === '' ? 'well' : 'waiting'
}

/** `hedgerow witness list` */
export const witnessList = defineCommand({
  name: 'witness list',
  summary: "list the regions that watch this one's log, and whose logs it watches",
  details:
    'A log that shows different people different histories does not find witnesses for both. The columns say how many\n' +
    'entries of their log were cosigned here, and how many of this one there. A region with two histories has signed\n' +
    'checkpoints that contradict each other; --json has both, and they prove it to anybody.',
  examples: [
    { line: 'hedgerow witness list', does: 'a table of witnesses' },
    { line: 'hedgerow witness list --json', does: 'with their keys, for hedgerow ledger verify --witness' },
  ],
  run: async ({ options, io, out }) => {
    const witnesses = await connectOperator(io, options.state).witnessList()
    out.result(witnesses, style => tableLines(witnesses, COLUMNS, io.stdout, style))
    for (const { origin, problem } of witnesses) if (problem !== '') out.note(`${regionOf(origin)}: ${problem}`)
    if (witnesses.length === 0) out.note("There is no witness yet: 'hedgerow witness add URL' adds another region.")
    return EXIT.ok
  },
})
