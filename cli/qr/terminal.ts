import type { QrSymbol } from './symbol.ts'

/** Black on bright white, whatever the terminal's own colours are. */
const PAPER = '\x1b[30;107m'
const RESET = '\x1b[0m'
/** By the upper and the lower module of a cell, dark ones counted as 1 and 2. */
const INK = [' ', '▀', '▄', '█']
/** The same where light has to be drawn. */
const LIGHT = ['█', '▄', '▀', ' ']

/**
 * A symbol as lines of half blocks, two modules a cell.
 * @param colours - whether the terminal takes them; without, the symbol is right on a dark background, and inverted on a light one
 */
export function terminalLines(symbol: QrSymbol, colours: boolean): string[] {
  const cells = colours ? INK : LIGHT
  const lines: string[] = []
  for (let row = 0; row < symbol.length; row += 2) {
    const below = symbol[row + 1]
    // An odd number of rows ends in half a line, which is light too.
    const line = (symbol[row] ?? []).map((dark, at) => cells[(dark ? 1 : 0) + (below?.[at] ? 2 : 0)]).join('')
    lines.push(colours ? `${PAPER}${line}${RESET}` : line)
  }
  return lines
}
