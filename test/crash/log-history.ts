/** The public log as it is on disk after each kill, held against what it was before and what anybody was shown of it. */
import { decodeEntry, Frontier, leafHash, parseCheckpoint, parseNote, toHex } from '../../protocol/index.ts'
import { nodeSha256 } from '../../protocol/node/index.ts'
import type { SeenCheckpoints } from './log-watcher.ts'
import type { Snapshot } from './snapshot.ts'

const TRANSFERS = `
  SELECT t.kind, t.phase, t.purpose, t.amount_micro, t.at_ms, a.id AS debit, b.id AS credit FROM transfer t
  JOIN account a ON a.no = t.debit JOIN account b ON b.no = t.credit WHERE t.no > ? ORDER BY t.no`

export class LogHistory {
  #entries = 0
  #root = toHex(new Frontier(nodeSha256).root())
  #transfers = 0

  /** Entries of the log as they were last looked at. */
  get entries(): number {
    return this.#entries
  }

  /**
   * Entries are only ever added, every state that was shown is one that the log has gone through, and the transfers it tells of are
   * those of the books, in their order.
   */
  check(db: Snapshot, seen: SeenCheckpoints, found: string[]): void {
    const shown = new Map(seen.roots)
    const kept = db.all('SELECT size, note FROM checkpoint')[0]
    if (kept) {
      const { size, root } = parseCheckpoint(parseNote(String(kept.note)).body)
      if (BigInt(size) !== kept.size) found.push(`The checkpoint of ${size} entries is kept under ${kept.size}.`)
      if (size < seen.size)
        found.push(`A checkpoint of ${seen.size} entries was shown, and the one on disk has ${size}.`)
      if ((shown.get(size) ?? toHex(root)) !== toHex(root)) found.push(`Two checkpoints of ${size} entries differ.`)
      shown.set(size, toHex(root))
    } else if (seen.size > 0) found.push('A checkpoint was shown, and there is none on disk.')
    shown.set(this.#entries, this.#root)
    const said = this.#readEntries(db, shown, found)
    this.#compareTransfers(db, said, found)
  }

  /** @returns the transfers of the new entries */
  #readEntries(db: Snapshot, shown: ReadonlyMap<number, string>, found: string[]): string[] {
    const tree = new Frontier(nodeSha256)
    const said: string[] = []
    const left = new Set(shown.keys())
    const compare = () => {
      const root = shown.get(tree.size)
      left.delete(tree.size)
      if (root !== undefined && root !== toHex(tree.root()))
        found.push(`The first ${tree.size} entries of the log were others.`)
    }
    compare()
    const entries = db.all('SELECT no, bytes FROM entry ORDER BY no')
    const gap = entries.findIndex(({ no }, index) => no !== BigInt(index))
    if (gap >= 0) found.push(`The log has an entry ${entries[gap]?.no} where entry ${gap} should be.`)
    for (const { bytes } of entries) {
      tree.append(leafHash(nodeSha256, bytes as Uint8Array))
      compare()
      if (tree.size <= this.#entries) continue
      const entry = decodeEntry(bytes as Uint8Array)
      if (entry.type !== 'transfer') continue
      const { kind, phase, debit, credit, amountMicro, purpose, atMs } = entry
      said.push([kind, phase, debit, credit, amountMicro, purpose, atMs].join(' '))
    }
    for (const size of left) found.push(`The log had ${size} entries and has ${tree.size}.`)
    this.#entries = tree.size
    this.#root = toHex(tree.root())
    return said
  }

  #compareTransfers(db: Snapshot, said: readonly string[], found: string[]): void {
    const booked = db
      .all(TRANSFERS, this.#transfers)
      .map(row => [row.kind, row.phase, row.debit, row.credit, row.amount_micro, row.purpose, row.at_ms].join(' '))
    const longer = booked.length > said.length ? booked : said
    const at = longer.findIndex((_, index) => booked[index] !== said[index])
    if (at >= 0)
      found.push(`Transfer ${this.#transfers + at + 1} is '${booked[at]}' in the books and '${said[at]}' in the log.`)
    this.#transfers += booked.length
  }
}
