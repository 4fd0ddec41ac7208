/** The submitters' side of sensing over MQTT: campaigns in, status, windows and results out, all as JSON. */
import {
  type CampaignId,
  type CampaignRefused,
  campaignId,
  campaignRefusedTopic,
  campaignTopic,
  outTopic,
  parseCampaignSpec,
  type Random,
  type RegionName,
  type SubmitterName,
  type Topic,
  toBase32,
  utf8,
} from '../../protocol/index.ts'
import type { Region } from '../region.ts'
import type { SensingDesk } from '../sensing/campaign.ts'
import { campaignTerms } from '../sensing/terms.ts'
import type { CampaignRow, Store, WindowRow } from '../store/rows.ts'
import { campaignResult, campaignStatus, campaignWindow } from './campaign-view.ts'
import { describeRefusal, readSubmission, SubmissionRefused } from './submission.ts'
import { SubmissionRefs } from './submission-refs.ts'
import type { SubmitterLimits } from './submitter-limits.ts'

export interface CampaignComponents {
  region: Region
  desk: Pick<SensingDesk, 'ledger' | 'policy' | 'pricing'>
  store: Pick<Store, 'campaign' | 'campaigns' | 'windows'>
  limits: Pick<SubmitterLimits, 'submission' | 'request' | 'mayRefuse' | 'mayRepeat'>
  random: Random
  publish(topic: string, payload: Uint8Array): void
  publishRetained(topic: string, payload: Uint8Array): void
  count(reason: string): void
}

export interface CampaignInit {
  region: RegionName
  /** Where the HTTP interface is, without the last slash. */
  httpUrl(): string
}

const ID_BYTES = 10
/** Campaigns whose refs are known again after a restart. */
const RECENT_CAMPAIGNS = 1_000

export interface Campaigns {
  /** A message from an authenticated submitter on a topic it may use. */
  receive(topic: Topic, payload: Uint8Array): void
  /** Hands in a campaign; used by MQTT and HTTP alike. Resolves once it is durable. */
  submit(submitter: SubmitterName, specification: unknown, ref: string): Promise<CampaignRow>
  /** Publishes one reply about a campaign. */
  tell(submitter: SubmitterName, campaign: CampaignId, what: 'status' | 'result'): void
  /** Publishes windows that were judged, to the submitter and, retained, to everybody. */
  tellWindows(campaign: CampaignId, rows: readonly WindowRow[]): void
  /** Publishes the newest window of every cell again: the broker keeps retained messages in memory only. */
  republish(): void
}

export function createCampaigns(components: CampaignComponents, init: CampaignInit): Campaigns {
  const { region, store, limits, count, desk } = components
  const refs = new SubmissionRefs<CampaignId>(store.campaigns({ limit: RECENT_CAMPAIGNS }))

  const publish = (topic: string, body: unknown) => components.publish(topic, utf8(JSON.stringify(body)))
  const rowOf = (id: CampaignId): CampaignRow | null => region.sensing.active(id)?.row ?? store.campaign(id)

  const refuse = (submitter: SubmitterName, about: { ref?: string; campaign?: string }, error: unknown) => {
    count('campaign_refused')
    if (!limits.mayRefuse(submitter)) return count('refusal_dropped')
    const body: CampaignRefused = { ...about, error: describeRefusal(error) }
    publish(campaignRefusedTopic(init.region, submitter), body)
  }

  const submit = async (submitter: SubmitterName, specification: unknown, ref: string): Promise<CampaignRow> => {
    limits.submission(submitter)
    const spec = parseCampaignSpec(specification, quantity => desk.pricing.readingPriceMicro(quantity))
    const id = campaignId(toBase32(components.random.bytes(ID_BYTES)))
    const outcome = region.step((now, batch) => {
      const choice = region.sensing.choose(spec)
      const terms = campaignTerms(desk, { id, ref, spec, submitter, choice, nowMs: now.wallMs })
      return terms.ok ? region.sensing.submit(terms.row, spec, now, batch) : terms
    })
    if (!outcome.ok) throw new SubmissionRefused({ code: outcome.code }, outcome.reason)
    await region.committed()
    return outcome.row
  }

  const receiveCampaign = async (submitter: SubmitterName, payload: Uint8Array) => {
    let ref: string | undefined
    try {
      const submission = readSubmission(payload)
      ref = submission.ref
      const make = () => submit(submitter, submission.specification, ref ?? '')
      const made = refs.once(submitter, ref ?? '', make)
      const id = await made.id
      if (made.isRepeat && limits.mayRepeat(submitter)) tell(submitter, id, 'status')
    } catch (error) {
      refuse(submitter, ref === undefined ? {} : { ref }, error)
    }
  }

  const tell = (submitter: SubmitterName, id: CampaignId, what: 'status' | 'result') => {
    const row = rowOf(id)
    if (row === null) return
    const topic = campaignTopic(init.region, submitter, id, what)
    const active = region.sensing.active(id)
    if (what === 'status') publish(topic, campaignStatus(row, active))
    else publish(topic, campaignResult(row, active, store.windows({ campaign: id }), csvUrl(id)))
  }

  const csvUrl = (id: CampaignId) => `${init.httpUrl()}/api/campaigns/${id}/windows.csv`

  const tellWindows = (id: CampaignId, rows: readonly WindowRow[]) => {
    const row = rowOf(id)
    if (row === null) return
    for (const window of rows) {
      const body = utf8(JSON.stringify(campaignWindow(row, window)))
      components.publish(campaignTopic(init.region, row.submitter, id, 'window'), body)
      // A correction of an older window must not take the place of a newer one.
      if (isNewest(store, window)) components.publishRetained(outTopic(init.region, id, window.cell), body)
    }
  }

  const request = (submitter: SubmitterName, id: CampaignId, what: 'get' | 'stop') => {
    try {
      limits.request(submitter)
    } catch (error) {
      return refuse(submitter, { campaign: id }, error)
    }
    const row = rowOf(id)
    if (row === null || row.submitter !== submitter) {
      const message = `There is no campaign ${id} of ${submitter}.`
      refuse(submitter, { campaign: id }, new SubmissionRefused({ code: 'not_found' }, message))
    } else if (what === 'get') {
      tell(submitter, id, 'status')
      tell(submitter, id, 'result')
    } else if (!region.step((now, batch) => region.sensing.stop(id, 'cancelled', 'on request', now, batch))) {
      const message = `The campaign ${id} is ${row.state} and cannot be stopped.`
      refuse(submitter, { campaign: id }, new SubmissionRefused({ code: 'not_running' }, message))
    }
  }

  return {
    receive: (topic, payload) => {
      if (topic.kind === 'campaign-submit') void receiveCampaign(topic.submitter, payload)
      else if (topic.kind === 'campaign' && (topic.leaf === 'get' || topic.leaf === 'stop'))
        request(topic.submitter, topic.campaign, topic.leaf)
    },
    submit,
    tell,
    tellWindows,
    republish: () => {
      for (const { row } of region.sensing.allActive()) tellNewest(row.id)
    },
  }

  function tellNewest(id: CampaignId): void {
    const row = rowOf(id)
    const seen = new Set<string>()
    for (const window of store.windows({ campaign: id, newestFirst: true, limit: REPUBLISHED_MAX })) {
      if (row === null || seen.has(window.cell)) continue
      seen.add(window.cell)
      components.publishRetained(
        outTopic(init.region, id, window.cell),
        utf8(JSON.stringify(campaignWindow(row, window))),
      )
    }
  }
}

/** Rows looked through for the newest window of each cell at a start. */
const REPUBLISHED_MAX = 10_000

function isNewest(store: Pick<Store, 'windows'>, { campaign, cell, windowMs }: WindowRow): boolean {
  const [newest] = store.windows({ campaign, cell, newestFirst: true, limit: 1 })
  return newest === undefined || newest.windowMs <= windowMs
}
