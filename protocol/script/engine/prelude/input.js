/** What a script gets of its unit. */

const RANGE = /^(-?\d+) (-?\d+)\s*$/
const RETURN = 0x0d
const BYTE_ORDER_MARK = '\uFEFF'

/** A unit's input in the forms that scripts want it in; each is made when it is first asked for. */
export default class Input {
  #bytes
  #text
  #decode

  constructor(buffer, decode) {
    this.#bytes = new Uint8Array(buffer)
    this.#decode = decode
  }

  /** The input as it is. */
  get bytes() {
    return this.#bytes
  }

  /** The input as UTF-8, without a byte order mark; what is not UTF-8 becomes U+FFFD. */
  get text() {
    if (this.#text === undefined) {
      const text = this.#decode(this.#bytes)
      this.#text = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
    }
    return this.#text
  }

  /** The lines of the text without their ends, `\n` or `\r\n`. The last needs no end, and an empty text has no lines. */
  get lines() {
    // Splitting at an expression, and looking for a character in a text, would each cost more than all of this.
    const lines = this.text.split('\n')
    if (lines.at(-1) === '') lines.pop()
    return this.#bytes.includes(RETURN) ? lines.map(withoutReturn) : lines
  }

  /** The text parsed as JSON, such as a combination of a `grid` split. */
  get json() {
    return JSON.parse(this.text)
  }

  /** A unit of a `range` split: the numbers from `from` to below `to`. */
  get range() {
    const match = RANGE.exec(this.text)
    if (match === null) throw new TypeError('The input is no range: input.range belongs to the split "range".')
    return { from: Number(match[1]), to: Number(match[2]) }
  }
}

function withoutReturn(line) {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
