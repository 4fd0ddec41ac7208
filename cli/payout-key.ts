/** Where a coordinator's key for payouts is. */
import { join, resolve } from 'node:path'
import type { Io } from './io.ts'
import { coordinatorFolder, stateFolder } from './state.ts'

/** The option of commands that use the key. */
export const PAYOUT_KEY_OPTION = {
  key: {
    type: 'text',
    value: 'FILE',
    describe: "the key's file; that of the coordinator in the region's folder when left out",
  },
} as const

/** The file that is named, or the coordinator's own. */
export function payoutKeyFile(
  io: Io,
  options: { readonly key?: string | undefined; readonly state?: string | undefined },
): string {
  if (options.key !== undefined) return resolve(io.cwd, options.key)
  return join(coordinatorFolder(stateFolder(io, options.state)), 'payout.key')
}
