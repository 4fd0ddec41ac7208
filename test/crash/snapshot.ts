/** Copies of databases whose process is gone: what is on disk then is what a restart finds, and the originals stay untouched. */
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export type Cell = string | number | bigint | Uint8Array | null
export type Row = Record<string, Cell>

/** An opened copy; numbers come as `bigint`, since amounts do. */
export class Snapshot {
  readonly #db: DatabaseSync
  readonly #folder: string
  /** The copy. */
  readonly file: string

  /** @param file - the database of a process that does not run */
  constructor(file: string, folder: string) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const copy = join(folder, basename(file))
    for (const suffix of ['', '-wal'])
      if (existsSync(`${file}${suffix}`)) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`)
    this.#folder = folder
    this.file = copy
    this.#db = new DatabaseSync(copy)
  }

  all(sql: string, ...values: readonly (string | number)[]): Row[] {
    const statement = this.#db.prepare(sql)
    statement.setReadBigInts(true)
    return statement.all(...values) as Row[]
  }

  close(): void {
    this.#db.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
