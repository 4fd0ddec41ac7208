/** Pages of observations, read from stored frames no further than they are needed. */
import { ApiError } from '../../http/admin-api.ts'
import { mergeSeries, type SeriesReading } from '../readings/merge.ts'
import type { ReadingsReader, TimeRange } from '../readings/readings-reader.ts'
import { tooMuch } from '../readings/work.ts'
import type { Entities } from './entities.ts'
import { isTrue } from './filter/evaluate.ts'
import { conjunctsOf, type Expression, pathsIn } from './filter/expression.ts'
import { datastreamId, observationId, parseObservationId } from './ids.ts'
import { type Entity, valuesAt } from './model.ts'
import { ordered, type Page, passes, type RequestContext } from './page.ts'
import type { QueryOptions } from './query-options.ts'
import type { Stream } from './stream.ts'

export interface ObservationComponents {
  readonly entities: Entities
  readonly reader: ReadingsReader
}

/** Observations that are put in another order than that of time must all be held. */
const SORTED_MAX = 20_000

/** What is to be read: which streams, which time, and what each reading must still pass. */
interface Question {
  readonly streams: readonly Stream[]
  readonly range: TimeRange
  readonly filter: Expression | null
  readonly newestFirst: boolean
}

/**
 * A page of the observations of some streams, by ascending time when no order is asked for.
 * @param streams - by id
 * @throws {ApiError} `bad_request` when it would take more reading than one request may do
 */
export async function observationsPage(
  components: ObservationComponents,
  streams: readonly Stream[],
  options: QueryOptions,
  context: RequestContext,
  size: number,
): Promise<Page> {
  const question = await questionOf(components, streams, options, context)
  const count = options.count ? await countOf(components, question, context) : null
  if (size === 0) return { entities: [], next: null, count }
  if (isByTime(options)) return { ...(await pageByTime(components, question, options, context, size)), count }
  const all = await collect(components, question, context)
  const end = options.skip + size
  const entities = ordered(all, options.orderBy).slice(options.skip, end)
  return { entities, next: all.length > end ? ['$skip', `${end}`] : null, count }
}

/** Whether the order asked for is that in which readings are stored. */
function isByTime({ orderBy }: QueryOptions): boolean {
  const [first] = orderBy
  return first === undefined || (first.path.length === 1 && first.path[0] === 'phenomenonTime')
}

async function pageByTime(
  components: ObservationComponents,
  question: Question,
  { skip, skipToken }: QueryOptions,
  context: RequestContext,
  size: number,
): Promise<Omit<Page, 'count'>> {
  const after = skipToken === null ? null : tokenOf(skipToken)
  const entities: Entity[] = []
  let skipped = 0
  let last = after
  for await (const step of readingsOf(components, fromToken(question, after), context)) {
    if (step === null) {
      if (!context.work.isSpent) continue
      if (last === after || skipped < skip) throw tooMuch()
      return { entities, next: nextOf(last) }
    }
    const { series, reading } = step
    if (after !== null && !isAfter(after, step, question.newestFirst)) continue
    const entity = components.entities.observation(series, reading)
    if (passes(entity, question.filter, context) && skipped++ >= skip) {
      // One more than the page holds shows that there is a next one.
      if (entities.length === size) return { entities, next: nextOf(last) }
      entities.push(entity)
    }
    last = step
  }
  return { entities, next: null }
}

/** What was read last: a place in the order of time, then of streams. */
interface Position {
  readonly series: { readonly sensor: Stream['sensor']; readonly quantity: string }
  readonly reading: { readonly atMs: number }
}

function nextOf(last: Position | null): Page['next'] {
  return last && ['$skiptoken', observationId(last.series, last.reading.atMs)]
}

function tokenOf(text: string): Position {
  const named = parseObservationId(text)
  if (named === null) throw new ApiError('bad_request', '$skiptoken is not one of this server: follow @iot.nextLink.')
  return { series: named.series, reading: { atMs: named.atMs } }
}

/** Leaves out the time before a position. */
function fromToken(question: Question, after: Position | null): Question {
  if (after === null) return question
  const { range, newestFirst } = question
  const { atMs } = after.reading
  const { fromMs = atMs, toMs = atMs + 1 } = range
  const rest = newestFirst ? { toMs: Math.min(toMs, atMs + 1) } : { fromMs: Math.max(fromMs, atMs) }
  return { ...question, range: { ...range, ...rest } }
}

function isAfter(after: Position, { series, reading }: Position, newestFirst: boolean): boolean {
  const apart = reading.atMs - after.reading.atMs
  if (apart !== 0) return newestFirst ? apart < 0 : apart > 0
  return datastreamId(series) > datastreamId(after.series)
}

async function countOf(
  components: ObservationComponents,
  question: Question,
  context: RequestContext,
): Promise<number> {
  let count = 0
  for await (const step of readingsOf(components, question, context)) {
    if (step === null) {
      if (context.work.isSpent) throw tooMuch()
      continue
    }
    if (question.filter === null || passes(entityOf(components, step), question.filter, context)) count++
  }
  return count
}

async function collect(
  components: ObservationComponents,
  question: Question,
  context: RequestContext,
): Promise<Entity[]> {
  const found: Entity[] = []
  for await (const step of readingsOf(components, question, context)) {
    if (step === null) {
      if (context.work.isSpent) throw tooMuch()
      continue
    }
    const entity = entityOf(components, step)
    if (!passes(entity, question.filter, context)) continue
    found.push(entity)
    if (found.length > SORTED_MAX) {
      const message = `Only ${SORTED_MAX} Observations can be put in this order: narrow phenomenonTime with $filter, or order by it.`
      throw new ApiError('bad_request', message)
    }
  }
  return found
}

function entityOf({ entities }: ObservationComponents, { series, reading }: SeriesReading<Stream>): Entity {
  return entities.observation(series, reading)
}

/** Readings that have a value, and a null after every stretch of reading, once others have been served. */
async function* readingsOf(
  { reader }: ObservationComponents,
  { streams, range, newestFirst }: Question,
  context: RequestContext,
): AsyncIterable<SeriesReading<Stream> | null> {
  for (const step of mergeSeries(reader, streams, range, newestFirst)) {
    if (step === null) await context.breathe()
    if (step === null || step.reading.scaled !== null) yield step
  }
}

/** Takes out of a filter what is about streams and about time, so that nothing is read that cannot pass. */
async function questionOf(
  { entities }: ObservationComponents,
  streams: readonly Stream[],
  { filter, orderBy }: QueryOptions,
  context: RequestContext,
): Promise<Question> {
  const conjuncts = conjunctsOf(filter)
  const aboutStreams = conjuncts.filter(isAboutStream)
  const rest = conjuncts.filter(conjunct => !isAboutStream(conjunct))
  let wanted = streams
  if (aboutStreams.length > 0) {
    wanted = streams.filter(stream => {
      const datastream = entities.datastream(stream)
      return aboutStreams.every(conjunct => isTrue(conjunct, path => valuesAt(datastream, path.slice(1)), context))
    })
    await context.breathe()
  }
  const named = rest.flatMap(conjunct => namedIn(conjunct) ?? [])
  if (named.length > 0) {
    wanted = wanted.filter(stream => named.every(({ series }) => datastreamId(series) === datastreamId(stream)))
  }
  const ranges = [...rest.map(rangeOf), ...named.map(({ atMs }) => ({ fromMs: atMs, toMs: atMs + 1 }))]
  const range = ranges.reduce<TimeRange>(within, {})
  const joined = rest.reduce<Expression | null>(
    (left, right) => (left === null ? right : { kind: 'binary', operator: 'and', left, right }),
    null,
  )
  return { streams: wanted, range, filter: joined, newestFirst: orderBy[0]?.descending ?? false }
}

function isAboutStream(conjunct: Expression): boolean {
  const paths = pathsIn(conjunct)
  return paths.length > 0 && paths.every(({ path }) => path[0] === 'Datastream')
}

/** The observation that a condition on the id names. */
function namedIn(conjunct: Expression): ReturnType<typeof parseObservationId> {
  const sides = sidesOf(conjunct)
  if (sides === null || sides.operator !== 'eq' || !['id', '@iot.id'].includes(sides.name)) return null
  return typeof sides.value === 'string' ? parseObservationId(sides.value) : null
}

/** The time that a condition on `phenomenonTime` leaves. */
function rangeOf(conjunct: Expression): TimeRange {
  const sides = sidesOf(conjunct)
  if (sides === null || sides.name !== 'phenomenonTime' || !(sides.value instanceof Date)) return {}
  const atMs = sides.value.getTime()
  switch (sides.operator) {
    case 'eq':
      return { fromMs: atMs, toMs: atMs + 1 }
    case 'gt':
      return { fromMs: atMs + 1 }
    case 'ge':
      return { fromMs: atMs }
    case 'lt':
      return { toMs: atMs }
    case 'le':
      return { toMs: atMs + 1 }
    default:
      return {}
  }
}

const TURNED: Readonly<Record<string, string>> = { eq: 'eq', ne: 'ne', gt: 'lt', ge: 'le', lt: 'gt', le: 'ge' }

/** A comparison of a property with a value, the property first. */
function sidesOf(conjunct: Expression) {
  if (conjunct.kind !== 'binary') return null
  const { operator, left, right } = conjunct
  const turned = TURNED[operator]
  if (turned === undefined) return null
  if (left.kind === 'path' && right.kind === 'value' && left.path.length === 1) {
    return { name: left.path[0] ?? '', operator: operator as string, value: right.value }
  }
  if (left.kind === 'value' && right.kind === 'path' && right.path.length === 1) {
    return { name: right.path[0] ?? '', operator: turned, value: left.value }
  }
  return null
}

function within(a: TimeRange, b: TimeRange): TimeRange {
  const fromMs = Math.max(a.fromMs ?? Number.NEGATIVE_INFINITY, b.fromMs ?? Number.NEGATIVE_INFINITY)
  const toMs = Math.min(a.toMs ?? Number.POSITIVE_INFINITY, b.toMs ?? Number.POSITIVE_INFINITY)
  return { ...(Number.isFinite(fromMs) ? { fromMs } : {}), ...(Number.isFinite(toMs) ? { toMs } : {}) }
}
