/** Topics of campaigns: how they are built and read. Their place in the whole is in protocol/topics.ts. */
import { type CampaignId, campaignId, type RegionName, type SubmitterName, submitterName } from '../ids.ts'

/** What a submitter publishes about one campaign. */
export const CAMPAIGN_REQUESTS = ['stop', 'get'] as const
/** What a submitter receives about one campaign. */
export const CAMPAIGN_REPLIES = ['status', 'window', 'result'] as const

export type CampaignRequest = (typeof CAMPAIGN_REQUESTS)[number]
export type CampaignReply = (typeof CAMPAIGN_REPLIES)[number]

/** What a topic below `campaigns` means. */
export type CampaignTopic =
  | {
      readonly kind: 'campaign-submit' | 'campaign-refused'
      readonly region: RegionName
      readonly submitter: SubmitterName
    }
  | {
      readonly kind: 'campaign'
      readonly region: RegionName
      readonly submitter: SubmitterName
      readonly campaign: CampaignId
      readonly leaf: CampaignRequest | CampaignReply
    }

/** What a topic below `out` means: a cell's newest window, for everybody. */
export interface OutTopic {
  readonly kind: 'out'
  readonly region: RegionName
  readonly campaign: CampaignId
  /** An H3 cell. */
  readonly cell: string
}

const ROOT = 'hr/1'
/** An H3 index in hexadecimal, as h3-js writes it. */
const CELL = /^8[0-9a-f]{14}$/

/** `hr/1/<region>/campaigns/<submitter>/`, below which everything about a submitter's campaigns is. */
export function campaignsPrefix(region: RegionName, submitter: SubmitterName): string {
  return `${ROOT}/${region}/campaigns/${submitter}/`
}

/** `hr/1/<region>/campaigns/<submitter>/submit`, where a campaign is handed in. */
export function campaignSubmitTopic(region: RegionName, submitter: SubmitterName): string {
  return `${campaignsPrefix(region, submitter)}submit`
}

/** `hr/1/<region>/campaigns/<submitter>/refused`, where a submission that cannot become a campaign is answered. */
export function campaignRefusedTopic(region: RegionName, submitter: SubmitterName): string {
  return `${campaignsPrefix(region, submitter)}refused`
}

/** `hr/1/<region>/campaigns/<submitter>/<campaign>/<leaf>` */
export function campaignTopic(
  region: RegionName,
  submitter: SubmitterName,
  campaign: CampaignId,
  leaf: CampaignRequest | CampaignReply,
): string {
  return `${campaignsPrefix(region, submitter)}${campaign}/${leaf}`
}

/** `hr/1/<region>/out/<campaign>/<cell>`, where a cell's newest window is retained. */
export function outTopic(region: RegionName, campaign: CampaignId, cell: string): string {
  return `${ROOT}/${region}/out/${campaign}/${cell}`
}

/**
 * What the levels behind `hr/1/<region>/campaigns` mean; null when it is nothing.
 * @throws {ProtocolError} `bad_id` when a name or an id is not one
 */
export function parseCampaignTopic(region: RegionName, levels: readonly string[]): CampaignTopic | null {
  const [submitterText, second, leaf] = levels
  const submitter = submitterName(submitterText ?? '')
  if (levels.length === 2 && second === 'submit') return { kind: 'campaign-submit', region, submitter }
  if (levels.length === 2 && second === 'refused') return { kind: 'campaign-refused', region, submitter }
  if (levels.length !== 3 || !(isOneOf(CAMPAIGN_REQUESTS, leaf) || isOneOf(CAMPAIGN_REPLIES, leaf))) return null
  return { kind: 'campaign', region, submitter, campaign: campaignId(second ?? ''), leaf }
}

/**
 * What the levels behind `hr/1/<region>/out` mean; null when it is nothing.
 * @throws {ProtocolError} `bad_id` when the campaign's id is not one
 */
export function parseOutTopic(region: RegionName, levels: readonly string[]): OutTopic | null {
  const [campaign, cell] = levels
  if (levels.length !== 2 || cell === undefined || !CELL.test(cell)) return null
  return { kind: 'out', region, campaign: campaignId(campaign ?? ''), cell }
}

function isOneOf<const T extends string>(known: readonly T[], text: string | undefined): text is T {
  return (known as readonly (string | undefined)[]).includes(text)
}
