/** A coordinator's database as an older version would have left it. */
import { DatabaseSync } from 'node:sqlite'
import { APPLICATION_ID, SCHEMA_STEPS } from '../../coordinator/store/schema.ts'

/** Writes the rows of a database of today in an older form: what that did not have is left out. */
export function writeFormer(path: string, today: string, form: number): void {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  for (const step of SCHEMA_STEPS.slice(0, form)) db.exec(step)
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${form}; ATTACH '${today}' AS today`)
  const tables = db.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'")
  for (const { name } of tables.all()) {
    const columns = db
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(String(name))
      .map(column => column.name)
    db.exec(`INSERT INTO main.${name} (${columns}) SELECT ${columns} FROM today.${name}`)
  }
  db.close()
}
