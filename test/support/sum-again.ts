/** What somebody does who may write to a coordinator's database and knows how its rows are summed. */
import type { DatabaseSync } from 'node:sqlite'
import { sumRowsWithout } from '../../coordinator/store/row-sums.ts'
import { SUM_COLUMN, SUMMED_TABLES } from '../../protocol/index.ts'

/** Sums rows again, so that nothing is left of what they were. */
export function sumAgain(db: DatabaseSync, tables: readonly string[] = SUMMED_TABLES): void {
  for (const table of tables) db.exec(`UPDATE ${table} SET ${SUM_COLUMN} = ''`)
  sumRowsWithout(db, true)
}
