import { resolve } from 'node:path'
import { parseCredits } from '../../protocol/index.ts'
import { watchCampaign } from '../campaign-watch.ts'
import { summaryOfCampaign } from '../campaign-words.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectSubmitterAs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatCounted, formatMicro, formatTime } from '../terminal/format.ts'

/** `hedgerow campaign submit` */
export const campaignSubmit = defineCommand({
  name: 'campaign submit',
  summary: 'submit a sensing campaign from a YAML or JSON file',
  details: 'The file is checked before anything is sent. docs/campaigns.md explains every field.',
  positionals: [{ name: 'FILE', describe: 'the campaign file' }],
  options: {
    ...AS_OPTION,
    budget: { type: 'text', value: 'CREDITS', describe: 'the most it may cost, instead of what the file says' },
    watch: { type: 'flag', describe: 'follow its cells until nothing more is measured' },
    check: { type: 'flag', describe: 'only check the file' },
  },
  examples: [
    { line: 'hedgerow campaign submit air.yaml --as town', does: 'prints the id of the new campaign' },
    { line: 'hedgerow campaign submit air.yaml --watch', does: 'shows the cells as they are measured' },
    { line: 'hedgerow campaign submit air.yaml --check', does: 'finds mistakes without sending anything' },
  ],
  run: async ({ options, args: [path = ''], io, out }) => {
    const budgetMicro = options.budget === undefined ? null : String(parseCredits(options.budget))
    // Here and not above: a device is this same program, and has no use for a YAML parser in memory.
    const { readCampaignFile } = await import('../campaign-file.ts')
    const { specification } = await readCampaignFile(resolve(io.cwd, path), budgetMicro)
    if (options.check) {
      out.result({ ok: true }, () => [`${path} is a valid campaign.`])
      return EXIT.ok
    }
    const api = connectSubmitterAs(io, options.state, options.as)
    const campaign = await api.campaignSubmit('', specification)
    const { id, sensors, cells, budgetMicro: atMost, endMs } = campaign
    const terms = `${formatCounted(sensors, 'sensor')} in ${formatCounted(cells, 'cell')}, at most ${formatMicro(atMost)}, until ${formatTime(endMs)}.`
    if (!options.watch) {
      out.result(campaign, style => [style.bold(id)])
      out.note(`${terms} Next: hedgerow campaign watch ${id}`)
      return EXIT.ok
    }
    out.note(`Campaign ${id}: ${terms}`)
    const { campaign: ended, exit } = await watchCampaign(api, id, { io, out })
    out.result(ended, style => summaryOfCampaign(ended, style))
    return exit
  },
})
