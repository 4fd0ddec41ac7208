/** Rows against the sums that they carry of themselves. */
import { type Hash, rowSum, SUM_COLUMN, SUMMED_TABLES } from '../../protocol/index.ts'
import type { Database } from './open.ts'
import type { RowScene } from './row-scene.ts'

/** The first form of the database whose rows have sums. */
const SUM_FORM = 7

/** States that every row of a table with sums is as it was written. */
export function compareSums({ db, hash, problems }: RowScene): void {
  if (db.form < SUM_FORM) return
  for (const table of SUMMED_TABLES) {
    for (const key of changedRows(db, hash, table)) {
      const message = `The row of ${table} with the ${key} is not as it was written: its sum is that of another.`
      problems.add('row.sum', null, message)
    }
  }
}

/** The keys of rows that are not those whose sums they have, such as "job 3, device 7". */
export function* changedRows(db: Database, hash: Hash, table: string): Iterable<string> {
  const all = db.all('SELECT name, pk FROM pragma_table_info(?) ORDER BY cid', table)
  const columns = all.filter(({ name }) => name !== SUM_COLUMN)
  const names = columns.map(({ name }) => name).join(', ')
  for (const row of db.lists(`SELECT ${names}, ${SUM_COLUMN} FROM ${table}`)) {
    const sum = row.pop()
    if (sum === rowSum(hash, table, row)) continue
    yield columns.flatMap(({ name, pk }, place) => (pk === 0n ? [] : `${name} ${row[place]}`)).join(', ')
  }
}
