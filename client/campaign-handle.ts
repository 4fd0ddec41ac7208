/** What a submitter holds of one campaign. */
import type { CampaignId, CampaignResult, CampaignStatus, CampaignWindow } from '../protocol/index.ts'
import type { CampaignFeed } from './campaign-feed.ts'

/** A submitted campaign, to follow, stop and read. All methods fail with {@link TransportError} when the connection is gone for good. */
export interface CampaignHandle {
  readonly id: CampaignId
  /**
   * Asks where the campaign stands.
   * @throws {CampaignError} `campaign_refused` when the region does not know the campaign
   */
  status(): Promise<CampaignStatus>
  /**
   * Cells' windows as they are judged from now on, and again with a higher revision when late readings have changed one. Ends when
   * the campaign is over, which is `correctionMs` after its last window. What is published while the connection is away is missed;
   * the CSV of {@link result} has everything.
   */
  windows(): AsyncIterable<CampaignWindow>
  /** Waits until nothing more is measured. Late readings may still change it: asked later, it is the newest. */
  result(): Promise<CampaignResult>
  /** Stops the campaign and waits until it is over; one that was over before stays as it is. What was accepted stays paid. */
  stop(): Promise<void>
}

/** The handle of the campaign that a feed is about. @param request - asks the region to do something about it, or to tell all again */
export function createCampaignHandle(feed: CampaignFeed, request: (what: 'stop' | 'get') => void): CampaignHandle {
  return {
    id: feed.id,
    status: () => {
      const told = feed.whenTold()
      request('get')
      return told
    },
    windows: () => feed.windows(),
    result: () => feed.whenMeasured(),
    stop: async () => {
      if (!feed.complete) request('stop')
      await feed.whenOver()
    },
  }
}
