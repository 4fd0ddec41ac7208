/** Is the database sound, and does it still hold what the region has signed? */
import { broken, type Finding, HedgerowError, messageOf, type TreeHead, well } from '../../protocol/index.ts'
import type { CoordinatorState } from './read-state.ts'

export interface LedgerPorts {
  readonly folder: string
  readonly state: CoordinatorState
  /** The last state that was signed, from the file beside the database; null without the file. @throws {HedgerowError} */
  readHead(): TreeHead | null
}

const RESTORE = 'Put the newest ledger.sqlite and log-head.json back, which belong together.'

export function checkLedger({ folder, state, readHead }: LedgerPorts): Finding[] {
  switch (state.kind) {
    case 'none':
      return [
        broken(
          'coordinator',
          `No coordinator was started with the folder ${folder}.`,
          'Start one: hedgerow up. Or name its folder with --state.',
        ),
      ]
    case 'in_use':
      return [
        well('database', 'The database was sound when the coordinator started, and it holds all that was signed.'),
      ]
    case 'unreadable':
      return [broken('database', `${folder}/ledger.sqlite cannot be read: ${state.reason}.`, RESTORE)]
    case 'read':
      return state.integrity === 'ok'
        ? [well('database', 'The database is sound.'), head(state, readHead)]
        : [broken('database', `The database is damaged: ${state.integrity}.`, RESTORE)]
  }
}

function head(
  { entries, signed }: Extract<CoordinatorState, { kind: 'read' }>,
  readHead: () => TreeHead | null,
): Finding {
  let found: TreeHead | null
  try {
    found = readHead()
  } catch (error) {
    if (!(error instanceof HedgerowError)) throw error
    return broken('log', messageOf(error), RESTORE)
  }
  if (found === null) {
    if (signed === null) return well('log', 'The log was not signed yet.')
    return broken(
      'log',
      'The file log-head.json is missing, so nobody can tell whether the database is the newest.',
      RESTORE,
    )
  }
  if (found.size > entries) {
    const says = `The region has signed ${found.size} entries, and the database holds ${entries}: it was restored from an older day.`
    return broken('log', says, RESTORE)
  }
  const rest = entries - found.size
  return well(
    'log',
    `The log holds all ${found.size} entries that were signed${rest === 0 ? '' : `, and ${rest} to be signed`}.`,
  )
}
