/** Arithmetic of one raw value `x`, as owners write it for sensors that only give a number. Nothing in it can do anything but arithmetic. */
import { LIMITS, utf8 } from '../protocol/index.ts'

/** A formula that can be evaluated, or why it cannot be read as the end of a sentence. */
export type Formula =
  | { readonly ok: true; readonly evaluate: (x: number) => number }
  | { readonly ok: false; readonly reason: string }

type Evaluate = (x: number) => number

/** Each function with the least and the greatest number of its arguments. */
const FUNCTIONS: ReadonlyMap<string, readonly [min: number, max: number, apply: (...args: number[]) => number]> =
  new Map([
    ['min', [1, 8, Math.min]],
    ['max', [1, 8, Math.max]],
    ['abs', [1, 1, Math.abs]],
    ['sqrt', [1, 1, Math.sqrt]],
    ['log', [1, 1, Math.log]],
    ['exp', [1, 1, Math.exp]],
    ['pow', [2, 2, Math.pow]],
  ])

const TOKEN = /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|([-+*/^(),]))/y

/**
 * Reads a formula: numbers, `x`, `+ - * / ^`, parentheses and the functions min, max, abs, sqrt, log (natural), exp and pow.
 * `^` binds tightest and to the right, so `-x^2` is `-(x^2)`. Doubles throughout; a division by zero gives no finite number.
 * @param text - at most {@link LIMITS}.formulaBytesMax bytes, which also bounds how deep it nests
 */
export function parseFormula(text: string): Formula {
  if (utf8(text).length > LIMITS.formulaBytesMax) {
    return { ok: false, reason: `must have at most ${LIMITS.formulaBytesMax} bytes` }
  }
  try {
    return { ok: true, evaluate: new Parser(text).whole() }
  } catch (thrown) {
    if (thrown instanceof Unreadable) return { ok: false, reason: thrown.message }
    throw thrown
  }
}

/** Ends the parser's recursion; never leaves this file. */
class Unreadable extends Error {}

class Parser {
  readonly #text: string
  #at = 0
  /** The token that is looked at; empty at the end. */
  #token = ''
  #tokenAt = 0

  constructor(text: string) {
    this.#text = text
    this.#next()
  }

  whole(): Evaluate {
    const formula = this.#sum()
    if (this.#token !== '') this.#fail('an operator or the end')
    return formula
  }

  #next(): void {
    TOKEN.lastIndex = this.#at
    const match = TOKEN.exec(this.#text)
    if (match === null) {
      this.#tokenAt = this.#text.length - this.#text.slice(this.#at).trimStart().length
      if (this.#tokenAt < this.#text.length) {
        this.#token = this.#text.charAt(this.#tokenAt)
        this.#fail('a number, x, an operator or a function')
      }
      this.#token = ''
      return
    }
    this.#token = match[1] ?? match[2] ?? match[3] ?? ''
    this.#at = TOKEN.lastIndex
    this.#tokenAt = this.#at - this.#token.length
  }

  #fail(wanted: string): never {
    const found = this.#token === '' ? 'it ends' : `there is '${this.#token.slice(0, 16)}'`
    throw new Unreadable(`must have ${wanted} at character ${this.#tokenAt + 1}, where ${found}`)
  }

  #take(token: string): boolean {
    if (this.#token !== token) return false
    this.#next()
    return true
  }

  #sum(): Evaluate {
    let left = this.#product()
    for (;;) {
      const before = left
      if (this.#take('+')) left = both(before, this.#product(), (a, b) => a + b)
      else if (this.#take('-')) left = both(before, this.#product(), (a, b) => a - b)
      else return left
    }
  }

  #product(): Evaluate {
    let left = this.#signed()
    for (;;) {
      const before = left
      if (this.#take('*')) left = both(before, this.#signed(), (a, b) => a * b)
      else if (this.#take('/')) left = both(before, this.#signed(), (a, b) => a / b)
      else return left
    }
  }

  #signed(): Evaluate {
    if (this.#take('+')) return this.#signed()
    if (!this.#take('-')) return this.#power()
    const value = this.#signed()
    return x => -value(x)
  }

  #power(): Evaluate {
    const base = this.#primary()
    return this.#take('^') ? both(base, this.#signed(), (a, b) => a ** b) : base
  }

  #primary(): Evaluate {
    const token = this.#token
    if (/^[\d.]/.test(token)) {
      this.#next()
      const value = Number(token)
      return () => value
    }
    if (this.#take('x')) return x => x
    if (this.#take('(')) return this.#closed(this.#sum())
    if (FUNCTIONS.has(token)) return this.#call(token)
    this.#fail(`a number, x, '(' or one of ${[...FUNCTIONS.keys()].join(', ')}`)
  }

  #call(name: string): Evaluate {
    const [min, max, apply] = FUNCTIONS.get(name) ?? [0, 0, () => Number.NaN]
    const nameAt = this.#tokenAt
    this.#next()
    if (!this.#take('(')) this.#fail(`'(' after ${name}`)
    const args = [this.#sum()]
    while (this.#take(',')) args.push(this.#sum())
    const call: Evaluate = x => apply(...args.map(argument => argument(x)))
    if (args.length >= min && args.length <= max) return this.#closed(call)
    const wanted = min === max ? `${min}` : `${min} to ${max}`
    throw new Unreadable(`gives ${name} at character ${nameAt + 1} ${args.length} arguments, where it takes ${wanted}`)
  }

  #closed(value: Evaluate): Evaluate {
    if (!this.#take(')')) this.#fail("')'")
    return value
  }
}

function both(a: Evaluate, b: Evaluate, apply: (a: number, b: number) => number): Evaluate {
  return x => apply(a(x), b(x))
}
