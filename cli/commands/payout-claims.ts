import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { epochOf } from '../payout-words.ts'
import { formatCounted } from '../terminal/format.ts'

const name = 'payout claims'

/** `hedgerow payout claims` */
export const payoutClaims = defineCommand({
  name,
  summary: "write what payees need to claim an epoch's payouts on its chain",
  details:
    'JSON: the root, the total, the signatures, the data of the transaction that posts the root once enough have signed, and for each\n' +
    'payee the amount and the proof. Publish it; there is nothing secret in it, and anybody may claim for anybody.',
  positionals: [{ name: 'EPOCH', describe: 'its number' }],
  options: { out: { type: 'text', value: 'FILE', describe: 'where to write it; standard output when left out' } },
  examples: [{ line: 'hedgerow payout claims 20777 --out claims-20777.json', does: 'the file to publish' }],
  run: async ({ options, args: [text = ''], io, out }) => {
    const claims = await connectOperator(io, options.state).payoutClaims(epochOf({ name }, text))
    const payees = Object.keys(claims.claims).length
    if (options.out === undefined) {
      const json = JSON.stringify(claims, null, 2).split('\n')
      out.result(claims, () => json)
    } else {
      await writeFile(resolve(io.cwd, options.out), `${JSON.stringify(claims, null, 2)}\n`)
      const written = { file: options.out, epoch: claims.epoch, root: claims.root, payees }
      out.result(written, () => [`${options.out}: ${formatCounted(payees, 'payee')} under ${claims.root}`])
    }
    if (claims.postRoot === null)
      out.note("Too few coordinators have signed for the root to be posted: see 'hedgerow payout sign'.")
    return EXIT.ok
  },
})
