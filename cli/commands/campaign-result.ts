import { resolve } from 'node:path'
import { summarizeCells } from '../../protocol/index.ts'
import { usage } from '../args.ts'
import { summaryColumns } from '../campaign-cells.ts'
import { findCampaign } from '../campaign-find.ts'
import { printBody, saveBody } from '../campaign-readings.ts'
import { summaryOfCampaign } from '../campaign-words.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatBytes } from '../terminal/format.ts'
import { tableLines } from '../terminal/table.ts'

const name = 'campaign result'

/** `hedgerow campaign result` */
export const campaignResult = defineCommand({
  name,
  summary: 'show what each cell of a campaign came to, or every window as CSV',
  details: 'Works while the campaign runs, too. Late readings may still change windows until it is done.',
  positionals: [{ name: 'CAMPAIGN', describe: 'its id, the beginning of its id, or its name' }],
  options: {
    ...AS_OPTION,
    csv: { type: 'flag', describe: 'print every window of every cell as CSV' },
    out: { type: 'text', value: 'FILE', describe: 'with --csv: write it to a file' },
  },
  examples: [
    { line: 'hedgerow campaign result schools', does: 'a table of the cells' },
    { line: 'hedgerow campaign result schools --csv --out schools.csv', does: 'every window, for a spreadsheet' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    if (options.out !== undefined && !options.csv) throw usage({ name }, '--out needs --csv')
    if (options.csv && out.json && options.out === undefined) {
      throw usage({ name }, '--csv and --json are two forms of one thing: choose one')
    }
    const api = connectForJobs(io, options.state, options.as)
    const id = await findCampaign(api, text)
    if (options.csv) {
      const body = await api.campaignWindowsCsv(id, {})
      if (options.out === undefined) await printBody(body, io.stdout)
      else {
        const bytes = await saveBody(body, resolve(io.cwd, options.out))
        out.result({ id, file: options.out, bytes }, () => [`${options.out}: ${formatBytes(bytes)} of text/csv`])
      }
      return EXIT.ok
    }
    const campaign = await api.campaign(id)
    const cells = summarizeCells(await api.campaignWindows(id, {}))
    out.result({ campaign, cells }, style => [
      ...tableLines(cells, summaryColumns(campaign.unit), io.stdout, style),
      ...summaryOfCampaign(campaign, style),
    ])
    return EXIT.ok
  },
})
