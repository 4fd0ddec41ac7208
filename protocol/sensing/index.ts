/** Campaigns as submitters state them and as they are answered. */
export * from './api-types.ts'
export * from './campaign.ts'
export * from './campaign-json.ts'
export { type BasePriceOf, CAMPAIGN_FIELDS, parseCampaignSpec } from './parse-campaign.ts'
export * from './replies.ts'
export { summarizeCells } from './summary.ts'
export * from './topics.ts'
