/** Where the effects of a committed batch go. The only place that knows what each kind sets off. */
import { HedgerowError, type JobId, messageOf } from '../protocol/index.ts'
import { type FoldedJob, JobFolds, type JobFoldsComponents } from './aggregation/job-folds.ts'
import type { Effect } from './batch.ts'
import type { createRehearings } from './disputes/rehearing.ts'
import type { createRetrials } from './disputes/retrial.ts'
import type { Campaigns } from './intake/campaigns.ts'
import type { Submitters } from './intake/submitters.ts'
import type { createTellSuspects } from './intake/tell-suspects.ts'
import type { Job } from './jobs/job.ts'
import type { Live } from './live/index.ts'
import type { Announcer } from './outputs/index.ts'
import type { Region } from './region.ts'
import type { createCourt } from './sensing/court.ts'
import type { Settlement } from './settlement/index.ts'

export interface ReleaseComponents extends JobFoldsComponents {
  region: Region
  /** Sends what is for devices. */
  downlink(effects: readonly Effect[]): void
  submitters: Pick<Submitters, 'tell'>
  campaigns: Pick<Campaigns, 'tell' | 'tellWindows'>
  announcer: Pick<Announcer, 'observed' | 'changed'>
  settlement: Pick<Settlement, 'greet'>
  /** Tells whoever watches. */
  live: Pick<Live, 'noteJob' | 'noteWindows'>
  tellSuspects: ReturnType<typeof createTellSuspects>
  judge: ReturnType<typeof createCourt>
  retry: ReturnType<typeof createRetrials>
  rejudge: ReturnType<typeof createRehearings>
}

/** @returns takes the effects of each batch, in their order, once its writes are on stable storage */
export function createRelease(components: ReleaseComponents): (effects: readonly Effect[]) => void {
  const { downlink, submitters, campaigns, announcer, settlement, live, judge, retry, rejudge } = components
  const folds = new JobFolds(components)

  return effects => {
    downlink(effects)
    for (const effect of effects) {
      if (effect.kind === 'job-changed') {
        submitters.tell(effect.submitter, effect.job, effect.what)
        live.noteJob(effect.job)
        if (effect.what === 'result') folds.drop(effect.job)
      } else if (effect.kind === 'accepted') advance(components, folds, effect.job, effect.units)
      else if (effect.kind === 'taken-back') folds.drop(effect.job)
      else if (effect.kind === 'distrusted') void components.tellSuspects(effect.device)
      else if (effect.kind === 'aggregate') void aggregate(components, folds, effect.job)
      else if (effect.kind === 'schedule')
        components.region.step((now, batch) => components.region.jobs.wake(now, batch))
      else if (effect.kind === 'welcome') settlement.greet(effect.device)
      else if (effect.kind === 'judge') judge(effect)
      else if (effect.kind === 'retry') void retry(effect)
      else if (effect.kind === 'rejudge') rejudge(effect)
      else if (effect.kind === 'observed') announcer.observed(effect.device, effect.frame, effect.profile)
      else if (effect.kind === 'sensors-changed') announcer.changed(effect.device)
      else if (effect.kind === 'window') {
        campaigns.tellWindows(effect.campaign, effect.rows)
        live.noteWindows(effect.campaign, effect.rows)
      } else if (effect.kind === 'campaign-changed') campaigns.tell(effect.submitter, effect.campaign, effect.what)
    }
  }
}

function advance({ region }: ReleaseComponents, folds: JobFolds, id: JobId, units: number): void {
  const job = region.jobs.active(id)
  if (job) folds.advance(foldedJob(job), units)
}

async function aggregate({ region }: ReleaseComponents, folds: JobFolds, id: JobId): Promise<void> {
  const job = region.jobs.active(id)
  if (!job) return
  try {
    const result = await folds.finish(foldedJob(job))
    region.step((now, batch) => region.jobs.aggregated(id, result, now, batch))
  } catch (error) {
    if (!(error instanceof HedgerowError)) throw error
    region.step((now, batch) => region.jobs.aggregated(id, { error: messageOf(error) }, now, batch))
  }
}

const foldedJob = ({ row, prepared }: Job): FoldedJob => ({ id: row.id, spec: prepared.spec, units: row.units })
