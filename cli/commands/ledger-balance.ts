import type { LedgerAccount } from '../../coordinator/http/admin-api.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatCount, formatMicro } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const COLUMNS: readonly Column<LedgerAccount>[] = [
  { title: 'ACCOUNT', value: ({ id }) => id },
  { title: 'DEBITS', align: 'right', value: ({ debitsMicro }) => formatMicro(debitsMicro) },
  { title: 'CREDITS', align: 'right', value: ({ creditsMicro }) => formatMicro(creditsMicro) },
  { title: 'BALANCE', align: 'right', value: ({ balanceMicro }) => formatMicro(balanceMicro) },
]

/** `hedgerow ledger balance` */
export const ledgerBalance = defineCommand({
  name: 'ledger balance',
  summary: 'show the accounts of the region',
  positionals: [{ name: 'ACCOUNT', describe: 'one account, such as submitter:me; all when left out', optional: true }],
  examples: [
    { line: 'hedgerow ledger balance', does: 'all accounts' },
    { line: 'hedgerow ledger balance submitter:me', does: 'one account' },
  ],
  run: async ({ options, args: [account = ''], io, out }) => {
    const ledger = await connectOperator(io, options.state).ledgerBalance(account === '' ? undefined : account)
    out.result(ledger, style => tableLines(ledger.accounts, COLUMNS, io.stdout, style))
    out.note(`${formatCount(ledger.transfers)} transfers. 'hedgerow ledger verify' replays them all.`)
    return EXIT.ok
  },
})
