import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CampaignError, connectSubmitter, type SubmitterClient } from '../../../client/index.ts'
import { connectMqttWith } from '../../../client/mqtt-transport.ts'
import { platformClock, platformRandom } from '../../../client/platform.ts'
import {
  type CampaignReply,
  type CampaignResult,
  type CampaignState,
  type CampaignStatus,
  type CampaignWindow,
  ConfigError,
  campaignId,
  campaignRefusedTopic,
  campaignTopic,
  LIMITS,
  ProtocolError,
  TransportError,
} from '../../../protocol/index.ts'
import { type FakeRegion, NAME, REGION, startFakeRegion, TOKEN } from './fake-region.ts'

const CAMPAIGN = campaignId('abcdefgh234567ab')
const OTHER = campaignId('bbbbbbbbbbbbbbbb')
const CELL = '8839532a25fffff'
const START_MS = 1_780_000_000_000

let region: FakeRegion
let client: SubmitterClient
/** What the submitter published, by the last level of the topic. */
let published: { leaf: string; payload: string; topic: string }[]
/** Answers what is published. */
let onPublish: (leaf: string, payload: string) => void

beforeEach(async () => {
  region = await startFakeRegion()
  published = []
  onPublish = () => {}
  region.onPublish = (leaf, payload, topic) => {
    published.push({ leaf, payload, topic })
    onPublish(leaf, payload)
  }
  client = await connectSubmitter(
    { mqttUrl: region.mqttUrl, region: REGION, name: NAME, token: TOKEN },
    {
      clock: platformClock,
      random: platformRandom,
      connect: (init, events) => connectMqttWith(init, events, 10),
    },
  )
})

afterEach(async () => {
  await client.close()
  await region.close()
})

function statusOf(state: CampaignState, more: Partial<CampaignStatus> = {}): CampaignStatus {
  const counts = { sensors: 4, cells: 2, readings: 60, accepted: 58, rejected: 2, late: 1 }
  const terms = { spentMicro: '11600', budgetMicro: '100000', startMs: START_MS, endMs: START_MS + 86_400_000 }
  return { campaign: CAMPAIGN, state, reason: '', quantity: 'temperature', ...counts, ...terms, ...more }
}

function windowOf(index: number, more: Partial<CampaignWindow> = {}): CampaignWindow {
  const fromMs = START_MS + index * 900_000
  const values = { value: '21.5', least: '20', greatest: '23.25', readings: 45, accepted: 44, sensors: 3 }
  const about = { campaign: CAMPAIGN, quantity: 'temperature', unit: 'Cel', cell: CELL }
  return { ...about, fromMs, toMs: fromMs + 900_000, revision: 1, ...values, ...more }
}

function resultOf(state: CampaignState, more: Partial<CampaignResult> = {}): CampaignResult {
  const cell = { cell: CELL, windows: 96, readings: 60, accepted: 58, latest: '21.5', least: '20', greatest: '23.25' }
  return { ...statusOf(state), unit: 'Cel', summary: [cell], csvUrl: 'http://127.0.0.1:1/x.csv', ...more }
}

const reply = (leaf: CampaignReply, body: unknown, campaign = CAMPAIGN): void =>
  region.publish(campaignTopic(REGION, NAME, campaign, leaf), body)

const refuse = (body: unknown): void => region.publish(campaignRefusedTopic(REGION, NAME), body)

/** Answers every submission with a running campaign, and every question with this. */
function accept(answer: () => void = () => {}): void {
  onPublish = (leaf, payload) => {
    if (leaf === 'submit') reply('status', statusOf('running', { ref: JSON.parse(payload).ref }))
    if (leaf === 'get') answer()
  }
}

describe('a submitter of campaigns', () => {
  test('hands one in, with a ref of its own and amounts as digits', async () => {
    accept()
    const campaign = await client.submitCampaign({ quantity: 'temperature', priceMicro: 9_007_199_254_740_993n })
    expect(campaign.id).toBe(CAMPAIGN)
    expect(published[0]?.topic).toBe('hr/1/here/campaigns/me/submit')
    expect(JSON.parse(published[0]?.payload ?? '')).toEqual({
      quantity: 'temperature',
      priceMicro: '9007199254740993',
      ref: expect.stringMatching(/^[0-9a-f]{24}$/),
    })
  })

  test('hears why one is refused, and which field is wrong', async () => {
    onPublish = (_leaf, payload) => {
      const { ref } = JSON.parse(payload)
      refuse({ ref, error: { code: 'bad_campaign', message: "The campaign's 'area' is missing.", path: 'area' } })
    }
    const refusal = await client.submitCampaign({ ref: 'mine' }).catch(error => error)
    expect(refusal).toBeInstanceOf(CampaignError)
    expect(refusal.message).toBe("The campaign's 'area' is missing.")
    expect(refusal.info).toEqual({ code: 'campaign_refused', refusal: 'bad_campaign', path: 'area' })
  })

  test('does not send what cannot be taken', async () => {
    const long = client.submitCampaign({ name: 'x'.repeat(LIMITS.submitBytesMax) })
    await expect(long).rejects.toThrow(ConfigError)
    await expect(long).rejects.toThrow(/The campaign is \d+ bytes of JSON; at most 65536 fit a message: name a box/)
    await expect(client.submitCampaign({ ref: '' })).rejects.toThrow(
      "The campaign's 'ref' must be a text of 1 to 64 characters.",
    )
    await expect(client.campaign('nobody')).rejects.toThrow(ProtocolError)
    expect(published).toEqual([])
  })

  test('asks for the status, and is told the present one', async () => {
    let readings = 60
    accept(() => reply('status', statusOf('running', { readings: readings++ })))
    const campaign = await client.submitCampaign({})
    expect((await campaign.status()).readings).toBe(60)
    expect((await campaign.status()).readings).toBe(61)
  })

  test('reads windows as they come, until the campaign is over', async () => {
    accept(() => reply('status', statusOf('running')))
    const campaign = await client.submitCampaign({})
    const seen: CampaignWindow[] = []
    const reading = (async () => {
      for await (const window of campaign.windows()) {
        seen.push(window)
        if (window.fromMs === START_MS) reply('window', windowOf(1))
        else if (window.revision === 1) reply('window', windowOf(1, { revision: 2, value: null }))
        else reply('status', statusOf('done'))
      }
    })()
    reply('window', windowOf(0))
    await reading
    expect(seen).toEqual([windowOf(0), windowOf(1), windowOf(1, { revision: 2, value: null })])
    // A reader that comes later finds nothing to wait for.
    for await (const window of campaign.windows()) expect(window).toBeUndefined()
  })

  test('reads only the newest revision of what it has not read yet', async () => {
    accept(() => reply('status', statusOf('running')))
    const campaign = await client.submitCampaign({})
    const windows = campaign.windows()[Symbol.asyncIterator]()
    const first = windows.next()
    reply('window', windowOf(0))
    expect((await first).value).toEqual(windowOf(0))
    for (const revision of [1, 2, 3]) reply('window', windowOf(1, { revision }))
    reply('window', windowOf(1, { cell: '8839532a21fffff' }))
    // The status follows them on the same connection.
    await campaign.status()
    expect((await windows.next()).value).toMatchObject({ cell: CELL, revision: 3 })
    expect((await windows.next()).value).toMatchObject({ cell: '8839532a21fffff', revision: 1 })
  })

  test('waits for the result until nothing more is measured, and gets the newest', async () => {
    let state: CampaignState = 'running'
    accept(() => {
      reply('result', resultOf(state, { late: state === 'done' ? 5 : 1 }))
      reply('status', statusOf(state))
    })
    const campaign = await client.submitCampaign({})
    const result = campaign.result()
    await campaign.status()
    state = 'settling'
    await campaign.status()
    expect(await result).toEqual(resultOf('settling'))
    state = 'done'
    await campaign.status()
    expect((await campaign.result()).late).toBe(5)
  })

  test('stops one, and waits until it is over', async () => {
    accept()
    const campaign = await client.submitCampaign({})
    onPublish = leaf => {
      if (leaf === 'stop') reply('status', statusOf('cancelled', { reason: 'on request' }))
      if (leaf === 'get') reply('result', resultOf('cancelled'))
    }
    await campaign.stop()
    expect((await campaign.result()).state).toBe('cancelled')
    // Over: nothing more is sent, and its last word stands.
    const sent = published.length
    await campaign.stop()
    expect(published.slice(sent).map(({ leaf }) => leaf)).not.toContain('stop')
    expect((await campaign.status()).state).toBe('cancelled')
  })

  test('stopping one that was over before leaves it as it is', async () => {
    onPublish = leaf => {
      if (leaf === 'stop')
        refuse({ campaign: CAMPAIGN, error: { code: 'not_running', message: 'It is done.', path: '' } })
      if (leaf === 'get') reply('status', statusOf('done'))
    }
    const campaign = await client.campaign(CAMPAIGN)
    await campaign.stop()
  })

  test('follows one that was submitted before, or hears that there is none', async () => {
    onPublish = (_leaf, _payload) => reply('status', statusOf('running'))
    expect((await (await client.campaign(CAMPAIGN)).status()).sensors).toBe(4)
    onPublish = () =>
      refuse({ campaign: OTHER, error: { code: 'not_found', message: 'There is no campaign.', path: '' } })
    const nobodys = await client.campaign(OTHER)
    await expect(nobodys.result()).rejects.toThrow('There is no campaign.')
    await expect(nobodys.stop()).rejects.toThrow(CampaignError)
  })

  test('is not confused by replies that cannot be read', async () => {
    accept()
    const campaign = await client.submitCampaign({})
    const other = await client.campaign(OTHER)
    const result = campaign.result()
    refuse('not json')
    refuse({ error: 5 })
    reply('status', '{', OTHER)
    await expect(other.result()).rejects.toThrow(ProtocolError)
    reply('window', windowOf(0, { campaign: OTHER }))
    await expect(result).rejects.toThrow(/is about campaign bbbbbbbbbbbbbbbb/)
  })

  test('asks again when the connection was away', async () => {
    accept()
    const campaign = await client.submitCampaign({})
    const reading = (async () => {
      for await (const window of campaign.windows()) return window
      return null
    })()
    const back = new Promise<void>(resolve => {
      onPublish = leaf => {
        if (leaf !== 'get') return
        resolve()
        reply('window', windowOf(7))
      }
    })
    region.cut()
    await back
    expect(await reading).toEqual(windowOf(7))
  })

  test('sends again a submission that was lost, and a stop', async () => {
    let lost = true
    onPublish = (leaf, payload) => {
      if (leaf !== 'submit') return
      if (lost) region.cut()
      else reply('status', statusOf('running', { ref: JSON.parse(payload).ref }))
      lost = false
    }
    const campaign = await client.submitCampaign({ ref: 'once' })
    expect(published.filter(({ leaf }) => leaf === 'submit').length).toBeGreaterThan(1)
    let stops = 0
    onPublish = leaf => {
      if (leaf !== 'stop') return
      if (stops++ === 0) region.cut()
      else reply('status', statusOf('cancelled'))
    }
    await campaign.stop()
  })

  test('fails everything that waits when it is closed', async () => {
    accept()
    const campaign = await client.submitCampaign({})
    const waiting = [campaign.result(), campaign.windows()[Symbol.asyncIterator]().next(), campaign.status()]
    const answers = Promise.allSettled(waiting)
    await client.close()
    for (const answer of await answers) {
      expect(answer.status === 'rejected' && answer.reason).toBeInstanceOf(TransportError)
    }
    await expect(client.submitCampaign({})).rejects.toThrow(TransportError)
    await expect(client.campaign(CAMPAIGN)).rejects.toThrow(TransportError)
  })
})

describe('a region without campaigns', () => {
  test('still serves jobs, and says that it does not know campaigns', async () => {
    region.forbid = topic => topic.includes('/campaigns/')
    await expect(client.submitCampaign({})).rejects.toThrow(/does not let us hear .*campaigns\/me\/refused/)
    await expect(client.campaign(CAMPAIGN)).rejects.toThrow(TransportError)
    // The connection survives, and its repair does not ask for campaigns again.
    const again = new Promise<void>(resolve => {
      onPublish = leaf => (leaf === 'get' ? resolve() : undefined)
    })
    const job = client.job('abcdefgh234567ab')
    await again
    region.cut()
    const repaired = new Promise<void>(resolve => {
      onPublish = leaf => (leaf === 'get' ? resolve() : undefined)
    })
    await repaired
    expect(job.id).toBe('abcdefgh234567ab')
  })
})
