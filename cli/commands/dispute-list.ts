import type { Dispute } from '../../coordinator/http/dispute-api.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { paintOfDispute, subjectOfDispute } from '../dispute-words.ts'
import { EXIT } from '../exit-codes.ts'
import { formatMicro, formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const COLUMNS: readonly Column<Dispute>[] = [
  { title: 'DISPUTE', value: ({ id }) => id },
  { title: 'STATE', value: ({ state }) => state, paint: paintOfDispute },
  { title: 'ABOUT', value: subjectOfDispute, shrinks: true },
  { title: 'BY', value: ({ account }) => account, shrinks: true },
  { title: 'DEPOSIT', align: 'right', value: ({ depositMicro }) => formatMicro(depositMicro) },
  { title: 'SINCE', value: ({ openedAtMs }) => formatTime(openedAtMs) },
]

/** `hedgerow dispute list` */
export const disputeList = defineCommand({
  name: 'dispute list',
  summary: 'list disputes, newest first',
  options: AS_OPTION,
  examples: [
    { line: 'hedgerow dispute list', does: 'all disputes of the region' },
    { line: 'hedgerow dispute list --as me', does: 'those about one submitter’s jobs and campaigns' },
  ],
  run: async ({ options, io, out }) => {
    const disputes = await connectForJobs(io, options.state, options.as).disputeList({})
    out.result(disputes, style => tableLines(disputes, COLUMNS, io.stdout, style))
    if (disputes.length === 0) out.note('Nothing has been disputed yet.')
    return EXIT.ok
  },
})
