import { LIMITS } from '../../protocol/index.ts'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { parseDuration } from '../duration.ts'
import { EXIT } from '../exit-codes.ts'
import { formatTime } from '../terminal/format.ts'
import { PLAIN_STYLE } from '../terminal/style.ts'

const name = 'claim new'
const COUNT_MAX = 500

/** `hedgerow claim new` */
export const claimNew = defineCommand({
  name,
  summary: 'make an invitation for one device, or for a batch of them',
  details:
    'The code holds the coordinator’s address, the fingerprint of its key and a secret that works once.\n' +
    'It is shown only now: whoever has it can join one device on behalf of the owner.\n' +
    'A sheet is one HTML file to print on A4: a label for each claim, with its QR code, to cut and put beside the cards.',
  options: {
    owner: { type: 'text', value: 'NAME', describe: "whom the device's earnings belong to" },
    expires: {
      type: 'text',
      value: 'TIME',
      default: '24h',
      describe: 'how long it can be used, such as 30m, 24h or 7d',
    },
    count: { type: 'integer', value: 'N', min: 1, max: COUNT_MAX, describe: 'how many; 1 when left out' },
    qr: { type: 'flag', describe: 'print it as a QR code too' },
    'qr-file': { type: 'text', value: 'FILE', describe: 'write the QR code to a .png or .svg file' },
    sheet: { type: 'text', value: 'FILE', describe: 'write a sheet of labels to print, an .html file' },
  },
  examples: [
    { line: 'hedgerow claim new --owner alice', does: 'prints a code for one of Alice’s devices' },
    { line: 'hedgerow claim new --owner alice --expires 7d --json', does: 'the same for a script' },
    { line: 'hedgerow claim new --owner alice --qr', does: 'the same with a QR code to hold a camera to' },
    {
      line: 'hedgerow claim new --owner school --count 24 --expires 30d --sheet claims.html',
      does: 'labels for 24 cards',
    },
  ],
  run: async ({ options, io, out }) => {
    const { owner, count, qr, sheet, 'qr-file': qrFile } = options
    if (owner === undefined) throw usage({ name }, '--owner is missing: say whom the earnings belong to')
    const lifetimeMs = parseDuration(options.expires)
    if (lifetimeMs === null || lifetimeMs > LIMITS.claimLifetimeMsMax) {
      throw usage({ name }, `--expires must be a time up to 30d, such as 30m, 24h or 7d, not '${options.expires}'`)
    }
    if ((count ?? 1) > 1 && (qr || qrFile !== undefined)) {
      throw usage({ name }, '--qr and --qr-file are for one claim: for several, write a --sheet')
    }
    if (qrFile !== undefined && !/\.(png|svg)$/i.test(qrFile)) {
      throw usage({ name }, `--qr-file must end in .png or .svg, not be '${qrFile}'`)
    }
    if (sheet !== undefined && !/\.html?$/i.test(sheet)) {
      throw usage({ name }, `--sheet must end in .html, not be '${sheet}'`)
    }
    const { openSecretFile } = await import('../secret-file.ts')
    // Before there is any claim: nobody could get one back that a full or missing folder swallowed.
    const files = { qr: openSecretFile(io.cwd, qrFile), sheet: openSecretFile(io.cwd, sheet) }
    const api = connectOperator(io, options.state)
    const first = await api.claimNew({ owner, lifetimeMs })
    const claims = [first]
    while (claims.length < (count ?? 1)) claims.push(await api.claimNew({ owner, lifetimeMs }))

    if (files.qr !== null) {
      const { qrFileOf } = await import('../qr/file.ts')
      files.qr.write(qrFileOf(first.code, files.qr.path))
    }
    if (files.sheet !== null) {
      const { claimSheet } = await import('../claim-sheet.ts')
      files.sheet.write(claimSheet({ owner, claims }))
    }
    const symbol = qr && !out.json ? await terminalQr(first.code, out.style !== PLAIN_STYLE) : []
    out.result(count === undefined ? first : claims, style => [
      ...claims.map(({ code }) => style.bold(code)),
      ...symbol,
    ])
    const works = claims.length === 1 ? 'Works once' : 'Each works once'
    out.note(`${works}, until ${formatTime(first.expiresAtMs)}. On the device: hedgerow device --claim CODE`)
    for (const file of [files.qr, files.sheet]) {
      if (file !== null) out.note(`${file.path} holds the secret too: delete it when it is printed.`)
    }
    return EXIT.ok
  },
})

async function terminalQr(code: string, colours: boolean): Promise<string[]> {
  const { qrSymbol } = await import('../qr/symbol.ts')
  const { terminalLines } = await import('../qr/terminal.ts')
  return terminalLines(qrSymbol(code, 'screen'), colours)
}
