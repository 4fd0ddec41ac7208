/** Colours, where there is a terminal that wants them. */
import type { Io, Terminal } from '../io.ts'

type Paint = (text: string) => string

/** What text can look like; each paints one text. */
export interface Style {
  readonly bold: Paint
  readonly dim: Paint
  readonly good: Paint
  readonly bad: Paint
  readonly warn: Paint
}

const plain: Paint = text => text

/** Text as it is. */
export const PLAIN_STYLE: Style = { bold: plain, dim: plain, good: plain, bad: plain, warn: plain }

function sgr(open: number, close: number): Paint {
  return text => `\x1b[${open}m${text}\x1b[${close}m`
}

/** Colours only on a terminal that is not `dumb`, and never when `NO_COLOR` is set (no-color.org). */
export function createStyle(terminal: Terminal, env: Io['env']): Style {
  const colours = terminal.isTTY && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
  if (!colours) return PLAIN_STYLE
  return { bold: sgr(1, 22), dim: sgr(2, 22), good: sgr(32, 39), bad: sgr(31, 39), warn: sgr(33, 39) }
}
