/** Everything a connected submitter does about campaigns: hands them in, sorts the replies, asks again after a lost connection. */
import {
  type CampaignId,
  type CampaignRefused,
  type Clock,
  campaignSubmitTopic,
  campaignsPrefix,
  campaignTopic,
  ProtocolError,
  parseCampaignRefused,
  parseCampaignResult,
  parseCampaignStatus,
  parseCampaignWindow,
  parseTopic,
  type RegionName,
  type SubmitterName,
} from '../protocol/index.ts'
import { CampaignError } from './campaign-error.ts'
import { CampaignFeed } from './campaign-feed.ts'
import { type CampaignHandle, createCampaignHandle } from './campaign-handle.ts'
import { readJson } from './read-json.ts'
import { Submissions } from './submissions.ts'
import type { Transport } from './transport.ts'

export interface CampaignDeskComponents {
  clock: Clock
  transport: Transport
  /** Publishes; a failure needs no handling, since coming back catches up. */
  sendQuietly(topic: string, text: string): void
}

export interface CampaignDeskInit {
  region: RegionName
  name: SubmitterName
  address: string
  timeoutMs: number
}

/** The region's code for a campaign it does not have, or that belongs to somebody else. */
const UNKNOWN_CAMPAIGN = 'not_found'

export interface CampaignDesk {
  submit(ref: string, text: string): Promise<CampaignHandle>
  open(id: CampaignId): Promise<CampaignHandle>
  /** Never throws: a reply that cannot be read fails the campaign it is about, or is dropped. */
  receive(topic: string, payload: Uint8Array): void
  /** Sends again what may have been lost. */
  catchUp(): void
  /** Ends everything that waits, for good. */
  failAll(error: Error): void
}

/** Topics of campaigns are heard from the first campaign on, so that a region without them still serves jobs. */
export function createCampaignDesk(components: CampaignDeskComponents, init: CampaignDeskInit): CampaignDesk {
  const { clock, transport, sendQuietly } = components
  const { region, name, address, timeoutMs } = init
  const submissions = new Submissions<CampaignFeed>(clock, { kind: 'campaign', address, timeoutMs })
  const feeds = new Map<CampaignId, CampaignFeed>()
  const stopping = new Set<CampaignId>()
  let hearing: Promise<void> | null = null

  const hear = (): Promise<void> => {
    const prefix = campaignsPrefix(region, name)
    hearing ??= transport
      .subscribe([`${prefix}refused`, `${prefix}+/status`, `${prefix}+/window`, `${prefix}+/result`])
      .catch((error: unknown) => {
        hearing = null
        throw error
      })
    return hearing
  }

  const feedOf = (id: CampaignId): CampaignFeed => {
    const feed = feeds.get(id) ?? new CampaignFeed(id)
    feeds.set(id, feed)
    return feed
  }

  const ask = (id: CampaignId, what: 'stop' | 'get'): void => sendQuietly(campaignTopic(region, name, id, what), '')

  const handleOf = (feed: CampaignFeed): CampaignHandle =>
    createCampaignHandle(feed, what => {
      if (what === 'stop') {
        stopping.add(feed.id)
        ask(feed.id, 'stop')
      }
      // A campaign that was over before is not stopped but tells its end again.
      ask(feed.id, 'get')
    })

  const receiveReply = (id: CampaignId, leaf: string, value: unknown): void => {
    if (leaf === 'status') {
      const reply = sameCampaign(id, parseCampaignStatus(value))
      if (reply.ref !== undefined && submissions.has(reply.ref)) submissions.accept(reply.ref, feedOf(id))
      feeds.get(id)?.status(reply)
    } else if (leaf === 'window') {
      feeds.get(id)?.window(sameCampaign(id, parseCampaignWindow(value)))
    } else if (leaf === 'result') {
      feeds.get(id)?.result(sameCampaign(id, parseCampaignResult(value)))
    }
  }

  const forget = (id: CampaignId): void => {
    feeds.delete(id)
    stopping.delete(id)
  }

  const receiveRefusal = (reply: CampaignRefused): void => {
    const { code, message, path } = reply.error
    const error = new CampaignError({ code: 'campaign_refused', refusal: code, path }, message)
    if (reply.ref !== undefined) submissions.fail(reply.ref, error)
    const feed = [...feeds.values()].find(({ id }) => id === reply.campaign)
    // Any other refused request, such as stopping a campaign that is over, leaves the campaign as it is.
    if (feed === undefined || code !== UNKNOWN_CAMPAIGN) return
    feed.fail(error)
    forget(feed.id)
  }

  return {
    submit: async (ref, text) => {
      await hear()
      const answer = submissions.add(ref, text)
      sendQuietly(campaignSubmitTopic(region, name), text)
      return handleOf(await answer)
    },
    open: async id => {
      await hear()
      const feed = feedOf(id)
      ask(id, 'get')
      return handleOf(feed)
    },
    receive: (topic, payload) => {
      const parsed = parseTopic(topic)
      try {
        if (parsed?.kind === 'campaign-refused') receiveRefusal(parseCampaignRefused(readJson(payload)))
        if (parsed?.kind === 'campaign') receiveReply(parsed.campaign, parsed.leaf, readJson(payload))
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        if (parsed?.kind === 'campaign') feeds.get(parsed.campaign)?.fail(error)
      }
      if (parsed?.kind === 'campaign' && feeds.get(parsed.campaign)?.complete) forget(parsed.campaign)
    },
    catchUp: () => {
      for (const text of submissions.texts) sendQuietly(campaignSubmitTopic(region, name), text)
      for (const id of feeds.keys()) {
        if (stopping.has(id)) ask(id, 'stop')
        ask(id, 'get')
      }
    },
    failAll: error => {
      submissions.failAll(error)
      for (const feed of feeds.values()) feed.fail(error)
      feeds.clear()
    },
  }
}

function sameCampaign<Reply extends { campaign: CampaignId }>(id: CampaignId, reply: Reply): Reply {
  if (reply.campaign === id) return reply
  const info = {
    code: 'bad_message',
    message: 'campaign',
    field: 'campaign',
    reason: 'differs from its topic',
  } as const
  throw new ProtocolError(info, `A reply on the topic of campaign ${id} is about campaign ${reply.campaign}.`)
}
