/** Tells submitters, and whoever watches, that results rest on the word of devices alone of which the last has just been caught. */
import type { DeviceId, JobId } from '../../protocol/index.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { type DoubtedRunStore, doubtedRuns } from '../jobs/doubted-runs.ts'
import type { Live } from '../live/index.ts'
import type { Store } from '../store/rows.ts'
import type { Submitters } from './submitters.ts'

/** Jobs looked at, the newest: more would keep the store busy for a word that nobody waits for. */
const JOBS_MAX = 200
/** Of a job that runs, what it trusts anybody with rests on a caught device still; the rest is done again. */
const STATES = ['done', 'running', 'aggregating'] as const

export interface TellSuspectsComponents {
  store: DoubtedRunStore & Pick<Store, 'jobs'>
  fleet: Pick<Fleet, 'caught'>
  submitters: Pick<Submitters, 'tell'>
  /** Tells whoever watches. */
  live: Pick<Live, 'noteJob'>
  wallMs(): number
  /** Lets others have their turn. */
  breathe(): Promise<void>
}

/**
 * @param windowMs - results are held back, and can be disputed, for twice as long at most
 * @returns called when a device was caught
 * @see spec/clauses.md [VERIFY-2.6]
 */
export function createTellSuspects(
  { store, fleet, submitters, live, wallMs, breathe }: TellSuspectsComponents,
  windowMs: number,
): (device: DeviceId) => Promise<void> {
  const restsOn = (job: JobId, device: DeviceId): boolean =>
    store.leasesHeld(job, [device]).length > 0 &&
    doubtedRuns(store, fleet.caught, job).some(({ leases }) => leases.some(lease => lease.device === device))

  return async device => {
    for (const { id, submitter, finishedAtMs } of store.jobs({ states: STATES, limit: JOBS_MAX })) {
      if (finishedAtMs !== null && finishedAtMs < wallMs() - 2 * windowMs) continue
      if (restsOn(id, device)) {
        submitters.tell(submitter, id, 'status')
        live.noteJob(id)
      }
      await breathe()
    }
  }
}
