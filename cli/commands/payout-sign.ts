import { resolve } from 'node:path'
import { ConfigError, parseVerifierKey } from '../../protocol/index.ts'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { PAYOUT_KEY_OPTION, payoutKeyFile } from '../payout-key.ts'
import { epochOf } from '../payout-words.ts'
import { formatCounted, formatMicro } from '../terminal/format.ts'

const name = 'payout sign'

/** `hedgerow payout sign` */
export const payoutSign = defineCommand({
  name,
  summary: "sign another region's payout after checking it, or add such a signature to your own",
  details:
    'With --log: reads the whole public log of the other region, verifies it, works out the root of the epoch from it, and signs that root\n' +
    'with your key. Hand the signature to the other operator. With --signature: adds it to the epoch of your own region.\n' +
    'Your own coordinator signs its own epochs by itself.',
  positionals: [{ name: 'EPOCH', describe: 'its number' }],
  options: {
    log: {
      type: 'text',
      value: 'PLACE',
      describe: "the other region's address, or a folder with an export of its log",
    },
    'log-key': {
      type: 'text',
      value: 'VKEY',
      describe: "the log's key, as its region's card shows it; the log's own word when left out",
    },
    settings: { type: 'text', value: 'FILE', describe: 'the settings file whose payout.chain names the contract' },
    ...PAYOUT_KEY_OPTION,
    signature: { type: 'text', value: '0x…', describe: 'a signature that another coordinator has made' },
  },
  examples: [
    {
      line: 'hedgerow payout sign 20777 --log https://north.example --settings payout.yaml',
      does: 'checks and signs, and prints the signature',
    },
    { line: 'hedgerow payout sign 20777 --signature 0x5f…1b', does: "adds another coordinator's to your region" },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    const epoch = epochOf({ name }, text)
    const { signature, log, settings } = options
    if ((signature === undefined) === (log === undefined))
      throw usage({ name }, 'Give either --log PLACE or --signature 0x…')
    if (signature !== undefined) {
      const signed = await connectOperator(io, options.state).payoutSign(epoch, signature)
      const state =
        signed.state === 'closed' ? 'more are needed' : "that is enough: 'hedgerow payout claims' has what to post"
      out.result(signed, () => [`Epoch ${epoch} has ${formatCounted(signed.signers.length, 'signature')}; ${state}.`])
      return EXIT.ok
    }
    if (settings === undefined) throw usage({ name }, '--log needs --settings FILE, which names the contract')
    const terms = await chainTermsOf(resolve(io.cwd, settings))
    const { checkEpoch } = await import('../payout-check.ts')
    const { checksummed, openPayoutKey } = await import('../../coordinator/payout/chain/index.ts')
    const { systemRandom } = await import('../../protocol/node/index.ts')
    const key = openPayoutKey(payoutKeyFile(io, options), systemRandom)
    const logKey = options['log-key'] === undefined ? null : parseVerifierKey(options['log-key'])
    const place = /^https?:\/\//.test(log ?? '') ? (log ?? '') : resolve(io.cwd, log ?? '')
    const checked = await checkEpoch(terms, epoch, place, logKey)
    const made = key.sign(terms, checked)
    out.result({ epoch, signer: key.address, signature: made }, () => [made])
    const sums = `${formatMicro(checked.epochMicro)} to ${formatCounted(checked.payees, 'payee')}`
    out.note(`The log holds, and epoch ${epoch} pays ${sums}. Signed as ${checksummed(key.address)}.`)
    if (!terms.signers.includes(key.address)) out.note('That address is not among the signers in the settings.')
    return EXIT.ok
  },
})

async function chainTermsOf(path: string) {
  const { readSettingsFile } = await import('../settings-file.ts')
  const { PayoutConfig } = await import('../../coordinator/payout/config.ts')
  const { payout = {} } = await readSettingsFile(path)
  const { chain } = PayoutConfig(payout)
  if (chain !== null) return chain
  const reason = 'it names no payout.chain'
  throw new ConfigError(
    { code: 'bad_option', path, reason },
    `The settings in ${path} cannot be used to sign: ${reason}.`,
  )
}
