/** Text as it appears in the cells of a terminal. */
import { stripVTControlCharacters } from 'node:util'

/**
 * Makes text from elsewhere harmless: control characters, which could move the cursor or recolour the screen, and
 * direction marks, which could reorder a line, become U+FFFD. Line breaks become spaces.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ').replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const PLAIN = /^[\x20-\x7e]*$/
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u
/** East Asian wide and full-width blocks (Unicode UAX #11), and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

/** Cells that text takes, colours left aside. */
export function textWidth(text: string): number {
  const bare = stripVTControlCharacters(text)
  if (PLAIN.test(bare)) return bare.length
  let cells = 0
  for (const { segment } of SEGMENTER.segment(bare)) {
    if (!ZERO_WIDTH.test(segment)) cells += WIDE.test(segment) ? 2 : 1
  }
  return cells
}

/** Text filled with spaces to a width, on the right or, for numbers, on the left. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'right'): string {
  const spaces = ' '.repeat(Math.max(0, width - textWidth(text)))
  return side === 'right' ? text + spaces : spaces + text
}

/** Text shortened to a width, with `…` where something is missing. Not for coloured text. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  let cells = 0
  for (const { segment } of SEGMENTER.segment(text)) {
    cells += textWidth(segment)
    if (cells > width - 1) break
    kept += segment
  }
  return `${kept}…`
}
