import { describe, expect, test } from 'vitest'
import {
  CAMPAIGN_STATES,
  isCampaignOver,
  ProtocolError,
  parseCampaignRefused,
  parseCampaignResult,
  parseCampaignStatus,
  parseCampaignWindow,
  RESULT_CELLS_MAX,
} from '../../../../protocol/index.ts'

const CAMPAIGN = 'abcdefgh234567ab'
const CELL = '8839532a25fffff'
const status = {
  campaign: CAMPAIGN,
  state: 'running',
  reason: '',
  quantity: 'temperature',
  sensors: 4,
  cells: 2,
  readings: 100,
  accepted: 95,
  rejected: 5,
  late: 3,
  spentMicro: '19000',
  budgetMicro: '900000',
  startMs: 1_780_000_000_000,
  endMs: 1_780_086_400_000,
}
const window = {
  campaign: CAMPAIGN,
  quantity: 'temperature',
  unit: 'Cel',
  cell: CELL,
  fromMs: 1_780_000_000_000,
  toMs: 1_780_000_900_000,
  revision: 2,
  value: '-0.25',
  least: '-1',
  greatest: '3.5',
  readings: 45,
  accepted: 44,
  sensors: 3,
}
const summary = {
  cell: CELL,
  windows: 96,
  readings: 4_320,
  accepted: 4_300,
  latest: '21.5',
  least: '12',
  greatest: null,
}
const result = { ...status, state: 'done', unit: 'Cel', summary: [summary], csvUrl: 'http://127.0.0.1:8717/x.csv' }

describe('replies about campaigns', () => {
  test('are read, and what a reader does not know is left out', () => {
    expect(parseCampaignStatus({ ...status, weather: 'fine' })).toEqual(status)
    expect(parseCampaignStatus({ ...status, ref: 'mine' })).toEqual({ ...status, ref: 'mine' })
    expect(parseCampaignStatus({ ...status, ref: null })).toEqual(status)
    expect(parseCampaignWindow({ ...window, weather: 'fine' })).toEqual(window)
    expect(parseCampaignWindow({ ...window, value: null, least: null, greatest: null }).value).toBeNull()
    expect(parseCampaignResult({ ...result, summary: [{ ...summary, weather: 'fine' }] })).toEqual(result)
    const error = { code: 'bad_campaign', message: 'No.', path: 'area' }
    expect(parseCampaignRefused({ ref: 'mine', error: { ...error, more: 1 } })).toEqual({ ref: 'mine', error })
    expect(parseCampaignRefused({ campaign: CAMPAIGN, error })).toEqual({ campaign: CAMPAIGN, error })
  })

  test('are over in the last three states', () => {
    expect(CAMPAIGN_STATES.map(isCampaignOver)).toEqual([false, false, true, true, true])
  })

  test.each([
    [parseCampaignStatus, null, '', 'The campaign status reply must be an object.'],
    [parseCampaignStatus, { ...status, campaign: 'x' }, 'campaign', 'must be a campaign id'],
    [
      parseCampaignStatus,
      { ...status, state: 'resting' },
      'state',
      'must be one of running, settling, done, cancelled, failed',
    ],
    [parseCampaignStatus, { ...status, sensors: -1 }, 'sensors', 'zero or more'],
    [parseCampaignStatus, { ...status, late: 0.5 }, 'late', 'must be a whole number'],
    [parseCampaignStatus, { ...status, spentMicro: 5 }, 'spentMicro', 'must be a text'],
    [parseCampaignStatus, { ...status, spentMicro: '05' }, 'spentMicro', 'decimal text of micro-credits'],
    [parseCampaignStatus, { ...status, ref: 5 }, 'ref', 'must be a text'],
    [parseCampaignWindow, { ...window, value: 21.5 }, 'value', 'must be a text'],
    [parseCampaignWindow, { ...window, value: '1e3' }, 'value', 'must be a decimal text or null'],
    [parseCampaignWindow, { ...window, cell: 5 }, 'cell', 'must be a text'],
    [parseCampaignResult, { ...result, summary: {} }, 'summary', 'must be a list'],
    [
      parseCampaignResult,
      { ...result, summary: Array(RESULT_CELLS_MAX + 1).fill(summary) },
      'summary',
      'at most 500 entries',
    ],
    [parseCampaignResult, { ...result, summary: [summary, 5] }, 'summary[1]', 'must be an object'],
    [
      parseCampaignResult,
      { ...result, summary: [{ ...summary, windows: 'x' }] },
      'summary[0].windows',
      'must be a whole number',
    ],
    [parseCampaignResult, { ...result, csvUrl: null }, 'csvUrl', 'must be a text'],
    [parseCampaignRefused, { error: null }, 'error', 'must be an object'],
    [parseCampaignRefused, { error: { code: 'x', message: 'y' } }, 'error.path', 'must be a text'],
  ])('that are wrong name the field: %#', (parse, value, field, words) => {
    let thrown: unknown
    try {
      parse(value)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ProtocolError)
    expect((thrown as ProtocolError).info).toMatchObject({ code: 'bad_message', field })
    expect((thrown as ProtocolError).message).toContain(words)
  })
})
