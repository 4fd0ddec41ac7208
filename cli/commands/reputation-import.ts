import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError, messageOf, toBase64Url } from '../../protocol/index.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatCount } from '../terminal/format.ts'

/** `hedgerow reputation import` */
export const reputationImport = defineCommand({
  name: 'reputation import',
  summary: 'give a device a start by what another region says of it',
  details:
    'Half of the checks that it passed there count, and never enough for its word alone to be believed. Only statements of regions that\n' +
    'this one trusts are taken, each once, and only before the device has worked here; it may join later.',
  positionals: [{ name: 'FILE', describe: 'what reputation export wrote, or printed' }],
  options: {
    trust: {
      type: 'text',
      value: 'KEY',
      describe: "trust the region of this key from now on: its log's verifier key, or its key in base64",
    },
  },
  examples: [
    { line: 'hedgerow reputation import kitchen.rep', does: 'of a region that is trusted' },
    { line: 'hedgerow reputation import kitchen.rep --trust "$KEY"', does: 'trusts the region first' },
  ],
  run: async ({ options, args: [path = ''], io, out }) => {
    const statement = readStatement(resolve(io.cwd, path), path)
    const api = connectOperator(io, options.state)
    if (options.trust !== undefined) await api.regionTrust(options.trust)
    const imported = await api.reputationImport(statement)
    const { device, outcome, checks, credibility } = imported
    const when = outcome === 'applied' ? 'starts' : 'will start when it joins'
    out.result(imported, () => [
      `Device ${device} ${when} with ${formatCount(checks)} checks: credibility ${credibility.toFixed(4)}.`,
    ])
    return EXIT.ok
  },
})

/** The bytes of a statement, or the text of them, as base64url. */
function readStatement(path: string, shown: string): string {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new ConfigError({ code: 'not_found', path }, `The file ${shown} cannot be read: ${messageOf(cause)}`, {
      cause,
    })
  }
  const text = new TextDecoder().decode(bytes).trim()
  return /^[\w-]+={0,2}$/.test(text) ? text : toBase64Url(bytes)
}
