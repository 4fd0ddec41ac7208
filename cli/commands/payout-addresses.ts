import type { BoundAddress } from '../../coordinator/http/payout-api.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatTime } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const COLUMNS: readonly Column<BoundAddress>[] = [
  { title: 'DEVICE', value: ({ device }) => device },
  { title: 'LABEL', value: ({ label }) => label, shrinks: true },
  { title: 'OWNER', value: ({ owner }) => owner, shrinks: true },
  { title: 'ADDRESS', value: ({ address }) => address },
  { title: 'FROM', value: ({ effectiveAtMs }) => formatTime(effectiveAtMs) },
  {
    title: '',
    value: ({ waits }) => (waits ? 'waits' : 'counts'),
    paint: ({ waits }, style) => (waits ? style.warn : style.good),
  },
]

/** `hedgerow payout addresses` */
export const payoutAddresses = defineCommand({
  name: 'payout addresses',
  summary: 'list where the earnings of devices go, and will go',
  details:
    'A device binds an address with its own key, and it counts after a delay. If an owner says that an address which waits is not theirs,\n' +
    'somebody has the key of that device: revoke it.',
  examples: [{ line: 'hedgerow payout addresses', does: 'what counts now, and what waits' }],
  run: async ({ options, io, out }) => {
    const bindings = await connectOperator(io, options.state).bindingList()
    out.result(bindings, style => tableLines(bindings, COLUMNS, io.stdout, style))
    if (bindings.length === 0)
      out.note("No device has bound an address: its owner does, by 'hedgerow device payout-address'.")
    return EXIT.ok
  },
})
