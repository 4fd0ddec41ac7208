/** Where a command's words go: results to standard output, remarks to standard error, and JSON instead of words when asked. */
import type { Io } from './io.ts'
import { createStyle, type Style } from './terminal/style.ts'
import { printable } from './terminal/text.ts'

/** A command's voice. */
export class Output {
  readonly json: boolean
  /** For standard output. */
  readonly style: Style
  private readonly io: Io

  constructor(io: Io, json: boolean) {
    this.io = io
    this.json = json
    this.style = createStyle(io.stdout, io.env)
  }

  /**
   * The command's result: as JSON the value itself, otherwise the lines made from it.
   * @param value - survives JSON; no `bigint`
   */
  result(value: unknown, lines: (style: Style) => readonly string[]): void {
    if (this.json) this.io.stdout.write(`${JSON.stringify(value)}\n`)
    else for (const line of lines(this.style)) this.io.stdout.write(`${line}\n`)
  }

  /** A remark for people; never part of the result, and left out with `--json`. */
  note(text: string): void {
    if (!this.json) this.io.stderr.write(`${printable(text)}\n`)
  }
}
