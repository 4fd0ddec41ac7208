/** The file beside the database that keeps the newest signed state, with the time that a synced write takes. */
import type { HeadGuard } from '../../coordinator/settlement/head-guard.ts'
import type { TreeHead } from '../../protocol/index.ts'
import type { Life, World } from '../world/world.ts'

/** What is in the file; outlives the processes. */
export interface GuardFile {
  head: TreeHead | null
}

const WRITE_MS = 3

export function simHeadGuard(world: World, life: Life, file: GuardFile): HeadGuard {
  return {
    path: 'log-head.json',
    read: () => file.head,
    write: head =>
      new Promise(resolve => {
        world.after(
          WRITE_MS,
          () => {
            file.head = { ...head }
            resolve()
          },
          life,
        )
      }),
  }
}
