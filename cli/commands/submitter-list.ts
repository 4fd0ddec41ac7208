import type { Submitter } from '../../coordinator/http/admin-api.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatMicro, formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const COLUMNS: readonly Column<Submitter>[] = [
  { title: 'SUBMITTER', value: ({ name }) => name },
  { title: 'BALANCE', align: 'right', value: ({ balanceMicro }) => formatMicro(balanceMicro) },
  { title: 'SINCE', value: ({ createdAtMs }) => formatTime(createdAtMs) },
]

/** `hedgerow submitter list` */
export const submitterList = defineCommand({
  name: 'submitter list',
  summary: 'list those who may submit jobs, and their balances',
  examples: [{ line: 'hedgerow submitter list', does: 'a table of accounts' }],
  run: async ({ options, io, out }) => {
    const submitters = await connectOperator(io, options.state).submitterList()
    out.result(submitters, style => tableLines(submitters, COLUMNS, io.stdout, style))
    if (submitters.length === 0)
      out.note("There is no submitter yet: 'hedgerow submitter add NAME --fund CREDITS' adds one.")
    return EXIT.ok
  },
})
