/** The query part of a request: `$filter`, `$orderby`, `$top`, `$skip`, `$count`, `$select`, `$expand`, `$resultFormat`. */
import { ApiError } from '../../http/admin-api.ts'
import type { Expression } from './filter/expression.ts'
import { parseFilter } from './filter/parse-filter.ts'

export interface Order {
  readonly path: readonly string[]
  readonly descending: boolean
}

/** A link whose entities are wanted in place of the link. */
export interface Expand {
  /** The link's name. */
  readonly name: string
  readonly options: QueryOptions
}

export interface QueryOptions {
  readonly filter: Expression | null
  readonly orderBy: readonly Order[]
  /** Null when it was left out. */
  readonly top: number | null
  readonly skip: number
  readonly count: boolean
  /** Names of properties and links; null for all. */
  readonly select: readonly string[] | null
  readonly expand: readonly Expand[]
  readonly dataArray: boolean
  /** Where an earlier page of observations ended, as that page's link said it; null for the first. */
  readonly skipToken: string | null
  /** The options as they were written, for the link to the next page. */
  readonly written: readonly (readonly [name: string, value: string])[]
}

/** Longer ones are refused: a filter of this length says a lot. In characters, decoded. */
const QUERY_LENGTH_MAX = 4_096
/** Things, their streams, these streams' observations and their features are four. */
const EXPAND_DEPTH_MAX = 4
const EXPANDS_MAX = 16
const NAMES_MAX = 32

const OPTIONS = [
  '$filter',
  '$orderby',
  '$top',
  '$skip',
  '$count',
  '$select',
  '$expand',
  '$resultFormat',
  '$skiptoken',
] as const
type OptionName = (typeof OPTIONS)[number]

/**
 * Reads a query.
 * @param raw - percent-encoded, without its question mark; empty when there is none
 * @throws {ApiError} `bad_request` that names the option and what is wrong with it
 */
export function parseQueryOptions(raw: string): QueryOptions {
  if (raw.length > 3 * QUERY_LENGTH_MAX) throw tooLong()
  const written = raw
    .split('&')
    .filter(part => part !== '')
    .map(part => decoded(part))
  if (written.join('&').length > QUERY_LENGTH_MAX) throw tooLong()
  return readOptions(written, { depth: 0, expands: { count: 0 } })
}

/** How deep an option is within others, and how many links the whole query has named so far. */
interface Budget {
  readonly depth: number
  readonly expands: { count: number }
}

function readOptions(parts: readonly string[], budget: Budget): QueryOptions {
  const written: [OptionName, string][] = []
  for (const part of parts) {
    const at = part.indexOf('=')
    const name = (at < 0 ? part : part.slice(0, at)).trim()
    if (!name.startsWith('$')) continue
    const known = OPTIONS.find(option => option === name)
    if (known === undefined)
      throw refuse(name.slice(0, 32), `there is none: there are ${OPTIONS.slice(0, -1).join(', ')}`)
    if (written.some(([before]) => before === known)) throw refuse(known, 'it is there twice')
    written.push([known, at < 0 ? '' : part.slice(at + 1).trim()])
  }
  const textOf = (name: OptionName) => written.find(([known]) => known === name)?.[1]
  const filter = textOf('$filter')
  const top = textOf('$top')
  return {
    filter: filter === undefined ? null : parseFilter(filter),
    orderBy: readOrder(textOf('$orderby')),
    top: top === undefined ? null : readNumber('$top', top),
    skip: readNumber('$skip', textOf('$skip') ?? '0'),
    count: readFlag('$count', textOf('$count')),
    select: readSelect(textOf('$select')),
    expand: readExpand(textOf('$expand'), budget),
    dataArray: readFormat(textOf('$resultFormat')),
    skipToken: textOf('$skiptoken') ?? null,
    written,
  }
}

function readNumber(name: OptionName, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw refuse(name, `it must be a whole number from 0, not '${text.slice(0, 32)}'`)
  return Number(text)
}

function readFlag(name: OptionName, text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false
  if (text === 'true') return true
  throw refuse(name, 'it must be true or false')
}

function readFormat(text: string | undefined): boolean {
  if (text === undefined) return false
  if (text === 'dataArray') return true
  throw refuse('$resultFormat', 'it must be dataArray')
}

function readOrder(text: string | undefined): Order[] {
  if (text === undefined) return []
  return listOf('$orderby', text).map(item => {
    const found = /^([\w@./]+)(?: +(asc|desc))?$/.exec(item)
    if (!found) throw refuse('$orderby', `'${item.slice(0, 64)}' must be a property, then asc or desc`)
    return { path: (found[1] ?? '').split('/'), descending: found[2] === 'desc' }
  })
}

function readSelect(text: string | undefined): string[] | null {
  return text === undefined ? null : listOf('$select', text)
}

function listOf(name: OptionName, text: string): string[] {
  const items = text.split(',').map(item => item.trim())
  if (items.includes('')) throw refuse(name, 'a name is missing')
  if (items.length > NAMES_MAX) throw refuse(name, `it names more than ${NAMES_MAX}`)
  return items
}

/** `Datastreams($top=2;$expand=Sensor),Locations`, or with slashes: `Datastreams/Sensor`. */
function readExpand(text: string | undefined, { depth, expands }: Budget): Expand[] {
  if (text === undefined) return []
  if (depth >= EXPAND_DEPTH_MAX) throw refuse('$expand', `it is nested more than ${EXPAND_DEPTH_MAX} deep`)
  const items = splitOutside(text, ',')
  expands.count += items.length
  if (expands.count > EXPANDS_MAX) throw refuse('$expand', `it names more than ${EXPANDS_MAX} links`)
  return items.map(item => {
    const found = /^([A-Za-z]+(?:\/[A-Za-z]+)*)(?:\((.*)\))?$/s.exec(item.trim())
    if (!found) throw refuse('$expand', `'${item.trim().slice(0, 64)}' must be a link, then its options in parentheses`)
    const [name = '', ...further] = (found[1] ?? '').split('/')
    const inside = found[2] === undefined ? [] : splitOutside(found[2], ';')
    // `a/b(options)` is `a($expand=b(options))`.
    const parts =
      further.length === 0 ? inside : [`$expand=${further.join('/')}${found[2] === undefined ? '' : `(${found[2]})`}`]
    return { name, options: readOptions(parts, { depth: depth + 1, expands }) }
  })
}

/** Splits at a mark that stands neither in parentheses nor in a text. */
function splitOutside(text: string, mark: string): string[] {
  const parts: string[] = []
  let depth = 0
  let isText = false
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === "'") isText = !isText
    else if (isText) continue
    else if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === mark && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
    if (depth < 0) throw refuse('$expand', "there is a ')' too many")
  }
  if (depth > 0 || isText) throw refuse('$expand', isText ? 'a text is never closed' : "a ')' is missing")
  return [...parts, text.slice(start)]
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '))
  } catch (cause) {
    throw new ApiError('bad_request', 'The query is not percent-encoded UTF-8.', { cause })
  }
}

function refuse(name: string, reason: string): ApiError {
  return new ApiError('bad_request', `${name} cannot be read: ${reason}.`)
}

function tooLong(): ApiError {
  return new ApiError('bad_request', `The query has more than ${QUERY_LENGTH_MAX} characters.`)
}
