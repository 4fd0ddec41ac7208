import { resolve } from 'node:path'
import type { PayoutDetail, PayoutPayment } from '../../coordinator/http/payout-api.ts'
import type { AdminClient } from '../admin-client.ts'
import { usage } from '../args.ts'
import { printBody, saveBody } from '../campaign-readings.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { request } from '../http-request.ts'
import { epochOf, wordsOf } from '../payout-words.ts'
import { formatBytes, formatCount, formatCounted, formatMicro, formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const name = 'payout export'

const COLUMNS: readonly Column<Omit<PayoutPayment, 'cumulativeMicro'>>[] = [
  { title: 'PAYEE', value: ({ payee }) => payee },
  { title: 'DEVICES', align: 'right', value: ({ devices }) => formatCount(devices) },
  { title: 'GROSS', align: 'right', value: ({ amountMicro }) => formatMicro(amountMicro) },
  { title: 'FEE', align: 'right', value: ({ feeMicro }) => formatMicro(feeMicro) },
  { title: 'NET', align: 'right', value: ({ netMicro }) => formatMicro(netMicro) },
  { title: '', value: ({ pending }) => (pending ? 'pending' : '') },
]

/** `hedgerow payout export` */
export const payoutExport = defineCommand({
  name,
  summary: 'show whom an epoch pays how much, or write the file for the bank',
  details:
    'The file is CSV (RFC 4180), amounts in credits, and the same bytes whenever it is written: their SHA-256 is in the public log.\n' +
    "When you have paid it, run 'hedgerow payout confirm'.",
  positionals: [{ name: 'EPOCH', describe: 'its number' }],
  options: {
    csv: { type: 'flag', describe: 'print the file instead of a table' },
    out: { type: 'text', value: 'FILE', describe: 'write the file there instead' },
  },
  examples: [
    { line: 'hedgerow payout export 20777', does: 'a table with the sums' },
    { line: 'hedgerow payout export 20777 --out payout-20777.csv', does: 'the file' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    const epoch = epochOf({ name }, text)
    if (options.csv && out.json) throw usage({ name }, '--csv and --json exclude each other')
    const api = connectOperator(io, options.state)
    if (options.out !== undefined) {
      const bytes = await saveBody(await requestFile(api, epoch), resolve(io.cwd, options.out))
      out.result({ file: options.out, bytes, epoch }, () => [`${options.out}: ${formatBytes(bytes)}`])
    } else if (options.csv) await printBody(await requestFile(api, epoch), io.stdout)
    else {
      const detail = await api.payout(epoch)
      out.result(detail, style => tableLines([...detail.payments, totalOf(detail)], COLUMNS, io.stdout, style))
      out.note(`Epoch ${epoch}, until ${formatTime(detail.toMs)}: ${wordsOf(detail)}.`)
    }
    return EXIT.ok
  },
})

const requestFile = (api: AdminClient, epoch: number): Promise<Response> =>
  request(api.httpUrl, { method: 'GET', path: `/api/payouts/${epoch}/file`, token: api.token })

function totalOf({ payments }: PayoutDetail): Omit<PayoutPayment, 'cumulativeMicro'> {
  const sum = (field: 'amountMicro' | 'feeMicro' | 'netMicro') =>
    `${payments.reduce((all, payment) => all + BigInt(payment[field]), 0n)}`
  return {
    payee: `total of ${formatCounted(payments.length, 'payee')}`,
    devices: payments.reduce((all, { devices }) => all + devices, 0),
    amountMicro: sum('amountMicro'),
    feeMicro: sum('feeMicro'),
    netMicro: sum('netMicro'),
    pending: false,
  }
}
