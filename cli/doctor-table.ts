/** Findings for people: what was looked at, what was found, and what to do, in the order of how bad it is. */
import type { Finding, FindingVerdict } from '../protocol/index.ts'
import type { Terminal } from './io.ts'
import type { Style } from './terminal/style.ts'
import { pad, printable, textWidth } from './terminal/text.ts'

const MARKS: Readonly<Record<FindingVerdict, string>> = { ok: 'ok', warning: 'warning', broken: 'BROKEN' }
const MARK_CELLS = 'warning'.length
const GAP = '  '
/** Lines longer than this are hard to read, however wide the terminal is. */
const LINE_CELLS_MAX = 110
const LINE_CELLS_MIN = 40

/** One line a finding, or more when the terminal is narrow; below those that are not ok, what to do. */
export function findingLines(findings: readonly Finding[], terminal: Terminal, style: Style): string[] {
  const checkCells = Math.max(0, ...findings.map(({ check }) => textWidth(check)))
  const indent = MARK_CELLS + checkCells + 2 * GAP.length
  const cells = Math.max(
    LINE_CELLS_MIN,
    Math.min(LINE_CELLS_MAX, terminal.isTTY ? terminal.columns : LINE_CELLS_MAX) - indent,
  )
  const paint = { ok: style.good, warning: style.warn, broken: style.bad }
  return findings.flatMap(({ check, verdict, says, fix }) => {
    const [first = '', ...rest] = wrapped(printable(says), cells)
    const head = `${paint[verdict](pad(MARKS[verdict], MARK_CELLS))}${GAP}${pad(printable(check), checkCells)}${GAP}${first}`
    const remedy =
      fix === ''
        ? []
        : wrapped(`→ ${printable(fix)}`, cells - 2).map((line, index) => (index === 0 ? line : `  ${line}`))
    const below = [...rest, ...remedy.map(line => style.dim(line))]
    return [head, ...below.map(line => `${' '.repeat(indent)}${line}`)]
  })
}

/** How it is in all, in one sentence. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (verdict: FindingVerdict) => findings.filter(finding => finding.verdict === verdict).length
  const [bad, doubtful] = [count('broken'), count('warning')]
  const checks = `${findings.length} checks`
  if (bad === 0 && doubtful === 0) return `${checks}: all is well.`
  const warnings = `${doubtful} ${doubtful === 1 ? 'warning' : 'warnings'}`
  return bad === 0 ? `${checks}: it works, with ${warnings}.` : `${checks}: ${bad} broken, ${warnings}.`
}

function wrapped(text: string, cells: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > cells) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
