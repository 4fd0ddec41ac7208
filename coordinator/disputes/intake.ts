/** Takes disputes from whoever may bring one: reads the file of what is disputed and hands both to the department. */
import type { CampaignId, SensorId } from '../../protocol/index.ts'
import type { Region } from '../region.ts'
import { type CaseStore, readCaseFile } from './case-file.ts'
import type { Party } from './dispute.ts'
import type { DisputeOutcome, Disputes } from './disputes.ts'
import { refuse } from './refusal.ts'
import { readVerdictFile, type VerdictStore } from './verdict-file.ts'

export interface DisputeIntakeComponents {
  region: Pick<Region, 'step'>
  disputes: Disputes
  store: CaseStore & VerdictStore
}

/** Each steps the region before it returns; what is not refused is durable once the region has committed. */
export interface DisputeIntake {
  lease(party: Party, lease: number, reason: string): DisputeOutcome
  /** @param atMs - any time in the window */
  verdict(party: Party, campaign: CampaignId, atMs: number, sensor: SensorId, reason: string): DisputeOutcome
}

export function createDisputeIntake({ region, disputes, store }: DisputeIntakeComponents): DisputeIntake {
  return {
    lease: (party, id, reason) => {
      const file = readCaseFile(store, id)
      if (file === null) return refuse('not_found', `There is no lease ${id} in this region.`)
      return region.step((now, batch) => disputes.openLease(party, file, reason, now, batch))
    },
    verdict: (party, campaign, atMs, sensor, reason) => {
      const file = readVerdictFile(store, campaign, atMs, sensor)
      if (file === null) {
        const when = new Date(atMs).toISOString()
        return refuse('not_found', `Campaign ${campaign} has judged no reading of sensor ${sensor} at ${when}.`)
      }
      return region.step((now, batch) => disputes.openVerdict(party, file, reason, now, batch))
    },
  }
}
