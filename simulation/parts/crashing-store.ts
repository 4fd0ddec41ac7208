/** The coordinator's store as one process sees it: a commit may be the last thing it does, and may then be kept or lost, but only whole. */
import type { MemoryStore, Store, Write } from '../../coordinator/store/index.ts'
import type { Life } from '../world/world.ts'

/** What becomes of a commit: it is made, or the process ends before or right after it was. */
export type CommitFate = 'made' | 'lost' | 'kept'

/** The process has ended in the middle of a commit. Whoever catches it lives no longer either. */
export class Crashed extends Error {}

export interface CrashingStoreHooks {
  fateOf(writes: readonly Write[]): CommitFate
  /** Everything that is now on stable storage. */
  onCommitted(writes: readonly Write[]): void
  /** The process ends now. */
  onCrash(fate: CommitFate): void
}

export function crashingStore(durable: MemoryStore, life: Life, hooks: CrashingStoreHooks): Store {
  const end = (fate: CommitFate): never => {
    hooks.onCrash(fate)
    throw new Crashed(`The process has ended; its last commit was ${fate}.`)
  }
  return {
    ...durable,
    commit: writes => {
      if (life.isOver) throw new Crashed('The process has ended.')
      const fate = hooks.fateOf(writes)
      if (fate === 'lost') end(fate)
      durable.commit(writes)
      hooks.onCommitted(writes)
      if (fate === 'kept') end(fate)
    },
    close: () => {},
  }
}
