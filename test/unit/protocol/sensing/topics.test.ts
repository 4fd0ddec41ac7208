import { describe, expect, test } from 'vitest'
import {
  CAMPAIGN_REPLIES,
  CAMPAIGN_REQUESTS,
  campaignId,
  campaignRefusedTopic,
  campaignSubmitTopic,
  campaignsPrefix,
  campaignTopic,
  LIMITS,
  outTopic,
  ProtocolError,
  parseCampaignTopic,
  parseOutTopic,
  regionName,
  submitterName,
} from '../../../../protocol/index.ts'

const region = regionName('home')
const submitter = submitterName('town')
const campaign = campaignId('abcdefgh234567ab')
const CELL = '8839532a25fffff'
/** The levels behind `hr/1/<region>/<word>`. */
const levels = (topic: string): string[] => topic.split('/').slice(4)

describe('topics of campaigns', () => {
  test('are built as they are documented', () => {
    expect(campaignsPrefix(region, submitter)).toBe('hr/1/home/campaigns/town/')
    expect(campaignSubmitTopic(region, submitter)).toBe('hr/1/home/campaigns/town/submit')
    expect(campaignRefusedTopic(region, submitter)).toBe('hr/1/home/campaigns/town/refused')
    expect(campaignTopic(region, submitter, campaign, 'window')).toBe(
      'hr/1/home/campaigns/town/abcdefgh234567ab/window',
    )
    expect(outTopic(region, campaign, CELL)).toBe(`hr/1/home/out/abcdefgh234567ab/${CELL}`)
  })

  test('are read back', () => {
    expect(parseCampaignTopic(region, levels(campaignSubmitTopic(region, submitter)))).toEqual({
      kind: 'campaign-submit',
      region,
      submitter,
    })
    expect(parseCampaignTopic(region, levels(campaignRefusedTopic(region, submitter)))).toEqual({
      kind: 'campaign-refused',
      region,
      submitter,
    })
    for (const leaf of [...CAMPAIGN_REQUESTS, ...CAMPAIGN_REPLIES]) {
      const topic = campaignTopic(region, submitter, campaign, leaf)
      expect(parseCampaignTopic(region, levels(topic))).toEqual({ kind: 'campaign', region, submitter, campaign, leaf })
    }
    expect(parseOutTopic(region, levels(outTopic(region, campaign, CELL)))).toEqual({
      kind: 'out',
      region,
      campaign,
      cell: CELL,
    })
  })

  test.each([
    [['town']],
    [['town', 'other']],
    [['town', 'submit', 'status']],
    [['town', campaign, 'cancel']],
    [['town', campaign, 'status', 'x']],
  ])('of other forms mean nothing: %j', text => {
    const parsed = ((): unknown => {
      try {
        return parseCampaignTopic(region, text)
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
        return null
      }
    })()
    expect(parsed).toBeNull()
  })

  test.each([[[]], [['Town', 'submit']], [['town', 'ABC', 'status']], [['', 'submit']]])(
    'with ids that are none throw: %j',
    text => {
      expect(() => parseCampaignTopic(region, text)).toThrow(ProtocolError)
    },
  )

  test.each([[[campaign]], [[campaign, 'vienna']], [[campaign, CELL, 'x']], [[campaign, '+']], [[]]])(
    'below out mean nothing: %j',
    text => {
      expect(parseOutTopic(region, text)).toBeNull()
    },
  )

  test('below out with an id that is none throw', () => {
    expect(() => parseOutTopic(region, ['nobody', CELL])).toThrow(ProtocolError)
  })

  test('fit the bounds of topics', () => {
    const longest = campaignTopic(regionName('r'.repeat(32)), submitterName('s'.repeat(32)), campaign, 'status')
    expect(longest.length).toBeLessThanOrEqual(LIMITS.topicBytesMax)
    expect(longest.split('/').length).toBeLessThanOrEqual(LIMITS.topicLevelsMax)
  })
})
