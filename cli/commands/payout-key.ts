import { mkdirSync } from 'node:fs'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { PAYOUT_KEY_OPTION, payoutKeyFile } from '../payout-key.ts'
import { coordinatorFolder, stateFolder } from '../state.ts'

/** `hedgerow payout key` */
export const payoutKey = defineCommand({
  name: 'payout key',
  summary: "show the address of this coordinator's key for payouts, which is made when there is none",
  details:
    'The contract is deployed with the addresses of the coordinators that sign for it. The key itself never leaves its file.',
  options: PAYOUT_KEY_OPTION,
  examples: [{ line: 'hedgerow payout key', does: 'the address to put into the contract' }],
  run: async ({ options, io, out }) => {
    const { checksummed, openPayoutKey } = await import('../../coordinator/payout/chain/index.ts')
    const { systemRandom } = await import('../../protocol/node/index.ts')
    mkdirSync(coordinatorFolder(stateFolder(io, options.state)), { recursive: true, mode: 0o700 })
    const path = payoutKeyFile(io, options)
    const address = checksummed(openPayoutKey(path, systemRandom).address)
    out.result({ address, file: path }, () => [address])
    return EXIT.ok
  },
})
