/** Tells submitters that results they have been given rest on a device that has just been caught. */
import type { DeviceId } from '../../protocol/index.ts'
import type { Store } from '../store/rows.ts'
import type { Submitters } from './submitters.ts'

/** Jobs looked at, the newest: more would keep the store busy for a word that nobody waits for. */
const JOBS_MAX = 200

export interface TellSuspectsComponents {
  store: Pick<Store, 'jobs' | 'acceptedRuns'>
  submitters: Pick<Submitters, 'tell'>
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
  { store, submitters, wallMs, breathe }: TellSuspectsComponents,
  windowMs: number,
): (device: DeviceId) => Promise<void> {
  return async device => {
    for (const { id, submitter, finishedAtMs } of store.jobs({ states: ['done'], limit: JOBS_MAX })) {
      if ((finishedAtMs ?? 0) < wallMs() - 2 * windowMs) continue
      if (store.acceptedRuns(id).some(({ solo }) => solo === device)) submitters.tell(submitter, id, 'status')
      await breathe()
    }
  }
}
