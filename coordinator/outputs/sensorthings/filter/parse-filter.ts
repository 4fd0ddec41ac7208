import { type Arithmetic, COMPARISONS, type Comparison, type Expression, type PathExpression } from './expression.ts'
import { FUNCTIONS } from './functions.ts'
import { refuseAt } from './refuse.ts'
import { timeOf } from './time.ts'
import { type Token, tokensOf } from './tokens.ts'

/** Nothing anybody means is nested deeper, or longer; both bound the work for a reading. */
const DEPTH_MAX = 32
const WORDS_MAX = 400
const PATH_MAX = 6

const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])
const ADDING: readonly Arithmetic[] = ['add', 'sub']
const MULTIPLYING: readonly Arithmetic[] = ['mul', 'div', 'mod']

/**
 * Reads a `$filter`: `or`, `and`, `not`, comparisons, arithmetic, functions, parentheses, paths, texts, numbers and times.
 * @throws {ApiError} `bad_request` that names the character and what would be right there
 * @see OGC 18-088 §9.3.3.5
 */
export function parseFilter(text: string): Expression {
  const tokens = tokensOf(text)
  if (tokens.length > WORDS_MAX) throw refuseAt(1, `it has more than ${WORDS_MAX} words`)
  const parser = new FilterParser(tokens)
  return parser.whole()
}

/** Recursive descent, one method for each strength of binding. */
class FilterParser {
  private readonly tokens: readonly Token[]
  private next = 0
  private depth = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  whole(): Expression {
    const expression = this.either()
    if (this.token.kind !== 'end') throw this.fault("expected 'and', 'or' or the end")
    return expression
  }

  private either(): Expression {
    return this.chain(['or'], () => this.chain(['and'], () => this.negation()))
  }

  private negation(): Expression {
    if (!this.takeWord('not')) return this.comparison()
    this.depth++
    this.checkDepth()
    const operand = this.negation()
    this.depth--
    return { kind: 'not', operand }
  }

  private comparison(): Expression {
    const left = this.sum()
    const operator = this.wordOf(COMPARISONS)
    if (operator === null) return left
    const expression: Expression = { kind: 'binary', operator, left, right: this.sum() }
    if (this.wordOf(COMPARISONS) !== null) {
      this.next--
      throw this.fault("two comparisons must be joined by 'and' or 'or'")
    }
    return expression
  }

  private sum(): Expression {
    return this.chain(ADDING, () => this.chain(MULTIPLYING, () => this.operand()))
  }

  private chain(operators: readonly (Comparison | Arithmetic | 'and' | 'or')[], part: () => Expression): Expression {
    let left = part()
    for (let operator = this.wordOf(operators); operator !== null; operator = this.wordOf(operators)) {
      left = { kind: 'binary', operator, left, right: part() }
    }
    return left
  }

  private operand(): Expression {
    const { kind, text } = this.token
    if (kind === 'mark' && text === '(') return this.inParentheses(() => this.either())
    if (kind === 'name') return this.named()
    if (kind !== 'text' && kind !== 'number' && kind !== 'time') {
      throw this.fault('expected a property, a value, a function or a parenthesis')
    }
    if (kind !== 'time') {
      this.next++
      return { kind: 'value', value: kind === 'number' ? Number(text) : text }
    }
    const time = timeOf(text)
    if (time === null) throw this.fault(`'${text}' is no time`)
    this.next++
    return { kind: 'value', value: time }
  }

  private named(): Expression {
    const { text, at } = this.token
    this.next++
    if (this.isMark('(')) return this.call(text, at)
    const literal = LITERALS.get(text)
    if (literal !== undefined) return { kind: 'value', value: literal }
    return this.path(text, at)
  }

  private path(first: string, at: number): PathExpression {
    const path = [first]
    while (this.takeMark('/')) {
      if (this.token.kind !== 'name') throw this.fault("expected a name after '/'")
      path.push(this.token.text)
      this.next++
      if (path.length > PATH_MAX) throw refuseAt(at, `a path has at most ${PATH_MAX} names`)
    }
    return { kind: 'path', path, at }
  }

  private call(name: string, at: number): Expression {
    const known = FUNCTIONS.get(name)
    if (known === undefined) {
      throw refuseAt(at, `there is no function ${name.slice(0, 32)}: there are ${[...FUNCTIONS.keys()].join(', ')}`)
    }
    const args = this.inParentheses(() => {
      const found: Expression[] = []
      if (this.isMark(')')) return found
      do found.push(this.either())
      while (this.takeMark(','))
      return found
    })
    const { argsMin, argsMax } = known
    if (args.length < argsMin || args.length > argsMax) {
      const count = argsMin === argsMax ? `${argsMin}` : `${argsMin} or ${argsMax}`
      throw refuseAt(at, `${name} takes ${count} arguments, not ${args.length}`)
    }
    return { kind: 'call', name, args }
  }

  private inParentheses<Result>(read: () => Result): Result {
    this.next++
    this.depth++
    this.checkDepth()
    const result = read()
    if (!this.takeMark(')')) throw this.fault("expected ')'")
    this.depth--
    return result
  }

  private checkDepth(): void {
    if (this.depth > DEPTH_MAX) throw this.fault(`it is nested more than ${DEPTH_MAX} deep`)
  }

  private wordOf<const Word extends string>(words: readonly Word[]): Word | null {
    const found = this.token.kind === 'name' ? words.find(word => word === this.token.text) : undefined
    if (found === undefined) return null
    this.next++
    return found
  }

  private takeWord(word: string): boolean {
    return this.wordOf([word]) !== null
  }

  private isMark(mark: string): boolean {
    return this.token.kind === 'mark' && this.token.text === mark
  }

  private takeMark(mark: string): boolean {
    const isThere = this.isMark(mark)
    if (isThere) this.next++
    return isThere
  }

  /** Never beyond the end, which is a word too. */
  private get token(): Token {
    return this.tokens[Math.min(this.next, this.tokens.length - 1)] as Token
  }

  private fault(reason: string): Error {
    return refuseAt(this.token.at, reason)
  }
}
