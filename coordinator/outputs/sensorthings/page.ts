/** One page of a collection: filtered, ordered, cut, and where the next one begins. */
import { ApiError } from '../../http/admin-api.ts'
import type { Work } from '../readings/work.ts'
import { isTrue, orderOf } from './filter/evaluate.ts'
import { type Expression, pathsIn } from './filter/expression.ts'
import type { FunctionWorld } from './filter/functions.ts'
import { checkPath, type Entity, type EntitySet, isId, navigationOf, SHAPES, valuesAt } from './model.ts'
import type { Order, QueryOptions } from './query-options.ts'

/** Entities of one page, and how to go on. */
export interface Page {
  readonly entities: readonly Entity[]
  /** The option that the next page begins with; null after the last. */
  readonly next: readonly [name: '$skip' | '$skiptoken', value: string] | null
  /** Of all pages; null when it was not asked for. */
  readonly count: number | null
}

/** What all parts of a request share. */
export interface RequestContext extends FunctionWorld {
  readonly work: Work
  /** Entities that may still be written. */
  entitiesLeft: number
  /** Lets others be served. */
  breathe(): Promise<void>
}

/** Entities of a page, at most and when nobody says. Those within another entity are fewer, when nobody says. */
export const PAGE_MAX = 1_000
const PAGE_SIZE = 100
const PAGE_SIZE_INSIDE = 25
/** Entities that are looked at between two breaths. */
const STRETCH = 500

/**
 * How many entities a page has. The standard wants a `$top` above the bound to be taken for the bound.
 * @param isInside - within another entity
 */
export function pageSize({ top }: QueryOptions, context: RequestContext, isInside: boolean): number {
  const asked = Math.min(top ?? (isInside ? PAGE_SIZE_INSIDE : PAGE_SIZE), PAGE_MAX)
  return Math.min(asked, isInside ? context.entitiesLeft : PAGE_MAX)
}

/**
 * Checks that everything the options name is there.
 * @throws {ApiError} `bad_request` that names what is not
 */
export function checkOptions(set: EntitySet, options: QueryOptions): void {
  const { filter, orderBy, select, expand, dataArray } = options
  if (filter !== null) for (const { path } of pathsIn(filter)) checkPath(set, path, '$filter')
  for (const { path } of orderBy) checkPath(set, path, '$orderby')
  const { properties, navigations } = SHAPES[set]
  for (const name of select ?? []) {
    if (isId(name) || properties.includes(name) || navigationOf(set, name) !== undefined) continue
    const known = ['id', ...properties, ...navigations.map(link => link.name)].join(', ')
    throw new ApiError(
      'bad_request',
      `$select cannot be read: ${set} have no '${name.slice(0, 64)}'; they have ${known}.`,
    )
  }
  for (const { name, options: inside } of expand) {
    const navigation = navigationOf(set, name)
    if (navigation === undefined) {
      const known = navigations.map(link => link.name).join(', ')
      throw new ApiError(
        'bad_request',
        `$expand cannot be read: ${set} have no '${name.slice(0, 64)}'; they have ${known}.`,
      )
    }
    checkOptions(navigation.target, inside)
  }
  if (dataArray && set !== 'Observations') {
    throw new ApiError('bad_request', '$resultFormat=dataArray is for Observations only.')
  }
}

/** Whether an entity passes a filter. */
export function passes(entity: Entity, filter: Expression | null, world: FunctionWorld): boolean {
  return filter === null || isTrue(filter, path => valuesAt(entity, path), world)
}

/** Entities in the order asked for; equal ones by id. */
export function ordered(entities: readonly Entity[], orderBy: readonly Order[]): Entity[] {
  const keyed = entities.map(entity => ({ entity, keys: orderBy.map(({ path }) => valuesAt(entity, path)[0] ?? null) }))
  keyed.sort((a, b) => {
    for (const [index, { descending }] of orderBy.entries()) {
      const [first = null, second = null] = [a.keys[index], b.keys[index]]
      // What has no value comes first, as if it were the least.
      const order = orderOf(first, second) ?? Number(first !== null) - Number(second !== null)
      if (order !== 0) return descending ? -order : order
    }
    return a.entity.id < b.entity.id ? -1 : a.entity.id > b.entity.id ? 1 : 0
  })
  return keyed.map(({ entity }) => entity)
}

/** A page of entities that are all at hand. */
export async function pageOf(
  all: readonly Entity[],
  options: QueryOptions,
  context: RequestContext,
  size: number,
): Promise<Page> {
  const found: Entity[] = []
  for (const [index, entity] of all.entries()) {
    if (index % STRETCH === STRETCH - 1) await context.breathe()
    if (passes(entity, options.filter, context)) found.push(entity)
  }
  const end = options.skip + size
  const entities = ordered(found, options.orderBy).slice(options.skip, end)
  const next = found.length > end && size > 0 ? (['$skip', `${end}`] as const) : null
  return { entities, next, count: options.count ? found.length : null }
}
