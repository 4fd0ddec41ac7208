/** Who gets what of an epoch, against the transfers of the log and the file whose SHA-256 it tells. */
import { equalBytes, formatCredits, type Hash, type PayoutEntry, toHex, utf8 } from '../../protocol/index.ts'
import type { Problems } from '../problems.ts'
import type { PaidPayee } from '../replay/payouts.ts'
import type { Replay } from '../replay/replay.ts'
import { compareRow } from './compare.ts'
import type { Database, Row } from './open.ts'

/** Compares the rows of one epoch while the replay knows what it pays to whom. */
export function comparePayouts(
  db: Database,
  hash: Hash,
  replay: Replay,
  payout: PayoutEntry,
  entry: number,
  problems: Problems,
): void {
  const { epoch, method, root } = payout
  const paid = replay.payouts.paidByPayee
  const missing = new Set(paid.keys())
  const rows = db.all('SELECT * FROM payout WHERE epoch = ? ORDER BY payee', epoch)
  for (const row of rows) {
    const payee = String(row.payee)
    missing.delete(payee)
    const account = replay.scene.accounts.find(`payout:${payee}`)
    const expected: Row = {
      amount_micro: paid.get(payee)?.amountMicro ?? 0n,
      cumulative_micro: (account?.creditsMicro ?? 0n) + (account?.creditsPendingMicro ?? 0n),
      // Whoever claims from a contract pays for that; what a bank takes is in the file.
      ...(method === 'csv' ? {} : { fee_micro: 0n }),
    }
    compareRow(problems, 'row.payout', `The payout of epoch ${epoch} to ${payee}`, entry, expected, row)
  }
  for (const payee of missing) {
    problems.add('row.payout', entry, `The payout of epoch ${epoch} to ${payee} is in the log and not in the database.`)
  }
  const file = method === 'csv' ? hash(utf8(fileOf(epoch, rows, paid))) : root
  if (equalBytes(file, root)) return
  const found = `${toHex(file)}, and the log says ${toHex(root)}`
  problems.add('row.payout', entry, `The file of payments of epoch ${epoch} has the SHA-256 ${found}.`)
}

/** States that no payout is of an epoch that the log has not closed. */
export function compareEpochs(db: Database, replay: Replay, problems: Problems): void {
  const known = new Set([...replay.payouts.all()].map(({ epoch }) => BigInt(epoch)))
  for (const { epoch } of db.all('SELECT DISTINCT epoch FROM payout')) {
    if (known.has(epoch as bigint)) continue
    problems.add(
      'row.payout',
      null,
      `There are payouts of epoch ${epoch} in the database, and the log has not closed it.`,
    )
  }
}

/** The file as it was handed out (RFC 4180): payees by name, amounts in credits. */
function fileOf(epoch: number, rows: readonly Row[], paid: ReadonlyMap<string, PaidPayee>): string {
  const lines = rows.map(row => {
    const payee = String(row.payee)
    const [grossMicro, feeMicro] = [BigInt(row.amount_micro as bigint), BigInt(row.fee_micro as bigint)]
    const amounts = [grossMicro, feeMicro, grossMicro - feeMicro].map(formatCredits)
    // A name such as -2 must not look like a formula.
    const name = /^[-=+@\t\r]/.test(payee) ? `'${payee}` : payee
    return [name, paid.get(payee)?.devices ?? 0, ...amounts, epoch]
  })
  return [['payee', 'devices', 'gross', 'fee', 'net', 'epoch'], ...lines].map(line => `${line.join(',')}\r\n`).join('')
}
