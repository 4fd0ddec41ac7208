/** What a job's answer is to somebody who looks at it. */

/** Longer answers are only downloaded. */
export const SHOWN_BYTES_MAX = 256 * 1_024
const BARS_MAX = 20
/** Of a text that is shown. */
const TEXT_CHARACTERS_MAX = 20_000

/** Names with counts as bars, the greatest first; one value by itself; a text; bytes that are none; or nothing at all. */
export type ReadableResult =
  | { readonly kind: 'bars'; readonly bars: readonly (readonly [name: string, value: number])[]; readonly more: number }
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'nothing' }

/** Reads an answer by what it is, whatever its media type promises: a text of numbers is JSON more often than it says so. */
export function readResult(content: Uint8Array, mediaType: string): ReadableResult {
  if (content.length === 0) return { kind: 'nothing' }
  const text = textOf(content)
  if (text === null) return { kind: 'bytes' }
  if (/json/.test(mediaType)) {
    const value = jsonOf(text)
    if (value !== undefined) return readJson(value)
  }
  const lines = linesOf(text)
  if (lines !== null) return barsOf(lines)
  return isShort(text) ? { kind: 'value', text: text.trim() } : { kind: 'text', text: shorten(text) }
}

/** The ending of a file of this media type. */
export function fileEndingOf(mediaType: string): string {
  if (/json/.test(mediaType)) return 'json'
  if (/csv/.test(mediaType)) return 'csv'
  return mediaType.startsWith('text/') ? 'txt' : 'bin'
}

function readJson(value: unknown): ReadableResult {
  if (typeof value === 'number' || typeof value === 'string') return { kind: 'value', text: String(value) }
  const counts = countsOf(value)
  if (counts !== null && counts.length > 0) return barsOf(counts)
  return { kind: 'text', text: shorten(JSON.stringify(value, null, 2)) }
}

function barsOf(counts: readonly (readonly [name: string, value: number])[]): ReadableResult {
  const bars = counts.toSorted(([, a], [, b]) => b - a)
  return { kind: 'bars', bars: bars.slice(0, BARS_MAX), more: Math.max(0, bars.length - BARS_MAX) }
}

/** Of lines of a key, a tab and a count, as `merge-map` and `top-k` write them; null of anything else. */
function linesOf(text: string): [name: string, value: number][] | null {
  const lines = text.split('\n').filter(line => line !== '')
  const counts = lines.map((line): [string, number] => {
    const [, name = '', count = ''] = /^([^\t]*)\t(\d{1,15})$/.exec(line) ?? []
    return [name, count === '' ? Number.NaN : Number(count)]
  })
  return counts.length > 0 && counts.every(([, count]) => !Number.isNaN(count)) ? counts : null
}

/** Of an object whose values are all counts; null of anything else. */
function countsOf(value: unknown): [name: string, value: number][] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const entries = Object.entries(value)
  return entries.every((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= 0)
    ? entries
    : null
}

function textOf(content: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what tells bytes from text
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text
  } catch {
    return null
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isShort = (text: string): boolean => text.trim().length <= 40 && !text.trim().includes('\n') && text.trim() !== ''

function shorten(text: string): string {
  return text.length <= TEXT_CHARACTERS_MAX ? text : `${text.slice(0, TEXT_CHARACTERS_MAX)}\n…`
}
