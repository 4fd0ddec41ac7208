import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'

/** `hedgerow dashboard` */
export const dashboard = defineCommand({
  name: 'dashboard',
  summary: "print the address of the region's page",
  details:
    'The page shows everybody what is public. With --token the address also signs in as the operator: what follows # never\n' +
    'leaves the browser, and the page takes it out of the address at once. Whoever has that address can do everything here,\n' +
    'so do not send it to anybody; owners and submitters have tokens of their own.',
  options: {
    token: { type: 'flag', describe: 'print an address that signs in as the operator' },
  },
  examples: [
    { line: 'hedgerow dashboard', does: 'prints the address for everybody' },
    { line: 'hedgerow dashboard --token', does: 'prints an address to open in your own browser' },
  ],
  run: async ({ options, io, out }) => {
    const api = connectOperator(io, options.state)
    // Asked first, so that no address is printed that nobody answers at, nor one with a token that is over.
    const { name, httpUrl } = await api.region()
    const url = options.token ? `${api.httpUrl}/#token=${api.token}` : `${api.httpUrl}/`
    out.result({ region: name, url, publicUrl: `${httpUrl}/` }, style => [style.bold(url)])
    if (options.token) out.note('Open it in your own browser and keep it to yourself: it signs in as the operator.')
    return EXIT.ok
  },
})
