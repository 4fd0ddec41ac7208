/**
 * A process of its own that opens the store named by its argument and commits one transfer after another, telling the
 * number committed after each; or tells why the store cannot be opened, and ends.
 */
import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../coordinator/store/index.ts'
import { ConfigError } from '../../protocol/index.ts'
import { fund } from './rows.ts'

const tell = (line: unknown) => writeSync(1, `${JSON.stringify(line)}\n`)

try {
  const store = openSqliteStore(process.argv[2] ?? '')
  for (let at = store.transferCount(); ; at++) {
    store.commit(fund('submitter:ada', 1n, at))
    tell(at + 1)
  }
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  tell({ code: error.code, message: error.message })
}
