/** The file that says whom to pay how much in ordinary money. The same payouts always give the same bytes. */
import { formatCredits } from '../../protocol/index.ts'

/** One payment. */
export interface CsvLine {
  /** The owner's name. */
  readonly payee: string
  /** How many of the owner's devices it is for. */
  readonly devices: number
  readonly grossMicro: bigint
  readonly feeMicro: bigint
}

const HEADING = ['payee', 'devices', 'gross', 'fee', 'net', 'epoch']

/**
 * Writes the file (RFC 4180), amounts in credits, payees in the order of their names.
 * @param lines - each payee once
 */
export function payoutCsv(epoch: number, lines: readonly CsvLine[]): string {
  const sorted = [...lines].sort((a, b) => (a.payee < b.payee ? -1 : 1))
  const rows = sorted.map(({ payee, devices, grossMicro, feeMicro }) => [
    payee,
    `${devices}`,
    formatCredits(grossMicro),
    formatCredits(feeMicro),
    formatCredits(grossMicro - feeMicro),
    `${epoch}`,
  ])
  return [HEADING, ...rows].map(cells => `${cells.map(cell).join(',')}\r\n`).join('')
}

/** An owner may be called `-2`; a spreadsheet must not reckon with it. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
