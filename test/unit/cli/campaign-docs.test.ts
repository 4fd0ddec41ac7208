/** What docs/campaigns.md and the examples show is what the programs take and give. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCampaignFile } from '../../../cli/campaign-file.ts'
import {
  CAMPAIGN_FIELDS,
  CAMPAIGN_STATES,
  LIMITS,
  parseCampaignResult,
  parseCampaignSpec,
  parseCampaignStatus,
  parseCampaignWindow,
  QUANTITIES,
  RESULT_CELLS_MAX,
  VERDICT_CODES,
  WINDOW_AGGREGATES,
} from '../../../protocol/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const tempDir = tempDirs()
const root = new URL('../../..', import.meta.url).pathname
const docs = readFileSync(join(root, 'docs/campaigns.md'), 'utf8')
const blocks = (language: string): string[] =>
  [...docs.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text)

describe('docs/campaigns.md', () => {
  const files = blocks('yaml')

  test.each(files.map((text, index) => [index, text] as const))(
    'shows a file that is accepted: %i',
    async (index, text) => {
      const path = join(tempDir(), 'campaign.yaml')
      writeFileSync(path, text)
      const { spec } = await readCampaignFile(path)
      expect(spec.quantity).toBe(['pm2.5', 'temperature', 'co2', 'temperature'][index])
    },
  )

  test('shows the fault that a wrong window has', async () => {
    const path = join(tempDir(), 'air.yaml')
    writeFileSync(path, (files[0] ?? '').replace('window: 15m ', 'window: 890s'))
    const fault = await readCampaignFile(path).catch(error => error)
    expect(docs).toContain(`hedgerow: ${fault.message}`)
  })

  test('shows a submission that is accepted', () => {
    const [, json = ''] = /-m '(\{[\s\S]*?\})'/.exec(docs) ?? []
    const { ref, ...campaign } = JSON.parse(json)
    expect(ref).toBe('my first campaign')
    expect(parseCampaignSpec(campaign).priceMicro).toBe(100n)
  })

  test('shows replies that can be read', () => {
    const [window = ''] = blocks('json')
    expect(parseCampaignWindow(JSON.parse(window)).value).toBe('7.4')
    const shown = docs.slice(docs.indexOf('hr/1/home/campaigns/town/hg7')).split('```')[0]?.replaceAll('\n  ', '') ?? ''
    const replies = [...shown.matchAll(/\/(status|window|result) (\{.*\})/g)]
    expect(replies.map(([, leaf]) => leaf)).toEqual(['status', 'window', 'result'])
    const [status, reply, result] = replies.map(([, , text = '']) => JSON.parse(text))
    expect(parseCampaignStatus(status)).toEqual(status)
    expect(parseCampaignWindow(reply)).toEqual(reply)
    expect(parseCampaignResult(result)).toEqual(result)
  })

  test('names every quantity with its unit, every code, aggregate and state', () => {
    const listed = docs.slice(docs.indexOf('### Quantities'), docs.indexOf('## Which readings count'))
    for (const { name, unit } of QUANTITIES.values()) {
      expect(listed).toContain(`\`${name}\``)
      expect(listed).toContain(unit === '/' ? '(ratio)' : `(${unit})`)
    }
    for (const word of [...VERDICT_CODES, ...WINDOW_AGGREGATES, ...CAMPAIGN_STATES])
      expect(docs).toContain(`\`${word}\``)
  })

  test('has every field of a campaign, and no other', () => {
    const rows = [...docs.matchAll(/^\| `(\w+)` \| `(\w+)` \| /gm)].map(([, , field = '']) => field)
    expect(rows.sort()).toEqual([...CAMPAIGN_FIELDS].sort())
  })

  test('gives the bounds there are', () => {
    const spaced = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
    for (const bound of [LIMITS.submitBytesMax, LIMITS.frameReadingsMax, RESULT_CELLS_MAX])
      expect(docs).toContain(spaced(bound))
  })
})

const examples = readdirSync(join(root, 'examples/campaigns'))

test.each(examples)('examples/campaigns/%s is a campaign', async name => {
  const { spec } = await readCampaignFile(join(root, 'examples/campaigns', name))
  expect(spec.name).not.toBe('')
  // Its own figures agree with each other.
  expect(spec.budgetMicro).not.toBeNull()
})
