import { refuseAt } from './refuse.ts'

/** One word of a filter. `at` is its first character, from 1. */
export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'time' | 'mark' | 'end'
  /** As it was written, quotes and doubled quotes taken away. */
  readonly text: string
  readonly at: number
}

const SPACE = /[ \t\r\n]+/y
const NAME = /[A-Za-z_@][\w@.]*/y
const TEXT = /'((?:[^']|'')*)'/y
// A plus sign in a link that nobody encoded arrives as a space.
const TIME = /\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+\- ]\d\d:?\d\d)?)?/y
const NUMBER = /[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{1,3})?/y
const MARK = /[(),/]/y

const KINDS: readonly (readonly [kind: Token['kind'], pattern: RegExp])[] = [
  ['text', TEXT],
  ['time', TIME],
  ['number', NUMBER],
  ['name', NAME],
  ['mark', MARK],
]

/**
 * Cuts a filter into words; the last one is the end.
 * @throws {ApiError} `bad_request` that names the character which belongs to no word
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    at += matchAt(SPACE, text, at)?.[0].length ?? 0
    if (at >= text.length) return [...tokens, { kind: 'end', text: '', at: at + 1 }]
    const token = tokenAt(text, at)
    tokens.push(token.token)
    at += token.length
  }
}

function tokenAt(text: string, at: number): { token: Token; length: number } {
  for (const [kind, pattern] of KINDS) {
    const found = matchAt(pattern, text, at)
    if (!found) continue
    const inside = kind === 'text' ? (found[1] ?? '').replaceAll("''", "'") : found[0]
    return { token: { kind, text: inside, at: at + 1 }, length: found[0].length }
  }
  if (text[at] === "'") throw refuseAt(at + 1, 'a text begins here and is never closed: close it with a quote')
  throw refuseAt(at + 1, `'${text[at]}' has no meaning there`)
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
