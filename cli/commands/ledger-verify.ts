import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatCount } from '../terminal/format.ts'
import { printable } from '../terminal/text.ts'

/** `hedgerow ledger verify` */
export const ledgerVerify = defineCommand({
  name: 'ledger verify',
  summary: 'replay all transfers and compare with the balances',
  examples: [{ line: 'hedgerow ledger verify && echo fine', does: 'exit code 1 when anything does not add up' }],
  run: async ({ options, io, out }) => {
    const verdict = await connectOperator(io, options.state).ledgerVerify()
    const { ok, problems } = verdict
    const counted = `${formatCount(verdict.transfers)} transfers, ${formatCount(verdict.accounts)} accounts`
    out.result(verdict, style => [
      `ledger verify: ${ok ? style.good('ok') : style.bad('NOT OK')} (${counted})`,
      ...problems.map(problem => `- ${printable(problem)}`),
    ])
    return ok ? EXIT.ok : EXIT.failure
  },
})
