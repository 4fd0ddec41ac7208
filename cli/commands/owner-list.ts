import type { Owner } from '../../coordinator/http/session-api.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const COLUMNS: readonly Column<Owner>[] = [
  { title: 'OWNER', value: ({ name }) => name },
  { title: 'DEVICES', align: 'right', value: ({ devices }) => String(devices) },
  { title: 'SINCE', value: ({ createdAtMs }) => formatTime(createdAtMs) },
]

/** `hedgerow owner list` */
export const ownerList = defineCommand({
  name: 'owner list',
  summary: 'list the owners who have a token',
  details: 'Whoever has devices owns them without a token too; `hedgerow device list` shows whose they are.',
  examples: [{ line: 'hedgerow owner list', does: 'a table of owners' }],
  run: async ({ options, io, out }) => {
    const owners = await connectOperator(io, options.state).ownerList()
    out.result(owners, style => tableLines(owners, COLUMNS, io.stdout, style))
    if (owners.length === 0) out.note("No owner has a token yet: 'hedgerow owner add NAME' gives one.")
    return EXIT.ok
  },
})
