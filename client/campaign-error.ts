import { HedgerowError } from '../protocol/index.ts'

/** Why a request about a campaign was not met: `refusal` is the region's code, `path` the wrong field or empty. */
export interface CampaignFailure {
  code: 'campaign_refused'
  refusal: string
  path: string
}

/** The region refused a request about a campaign. */
export class CampaignError extends HedgerowError<CampaignFailure> {}
