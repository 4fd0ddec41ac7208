/** Entities as the JSON of SensorThings, with their links and what is expanded in them. */
import { ApiError } from '../../http/admin-api.ts'
import { type Entity, isId, SHAPES } from './model.ts'
import { type ObservationComponents, observationsPage } from './observations.ts'
import { type Page, pageOf, pageSize, type RequestContext } from './page.ts'
import type { Expand, QueryOptions } from './query-options.ts'
import { type Collection, entityPath } from './resource.ts'

/** What a reply is made with. */
export interface ReplyComponents extends ObservationComponents {
  /** The address of `/v1.1`, without a slash at its end. */
  readonly baseUrl: string
  readonly context: RequestContext
}

type Json = Record<string, unknown>

/** A page of a collection. */
export async function collectionJson(
  components: ReplyComponents,
  collection: Collection,
  options: QueryOptions,
): Promise<Json> {
  const page = await readPage(components, collection.content, options, false)
  const value = options.dataArray
    ? dataArrays(components, page, options)
    : await entitiesJson(components, page.entities, options)
  const next = nextLink(components, collection.path, page, options)
  return { ...countOf('', page), ...(next === null ? {} : { '@iot.nextLink': next }), value }
}

/** A collection as the links of its entities. */
export async function refsJson(
  components: ReplyComponents,
  collection: Collection,
  options: QueryOptions,
): Promise<Json> {
  const page = await readPage(components, collection.content, options, false)
  const next = nextLink(components, `${collection.path}/$ref`, page, options)
  const value = page.entities.map(entity => ({ '@iot.selfLink': selfLink(components, entity) }))
  return { ...countOf('', page), ...(next === null ? {} : { '@iot.nextLink': next }), value }
}

/** One entity with its links, and in place of those that are to be expanded what they lead to. */
export async function entityJson(components: ReplyComponents, entity: Entity, options: QueryOptions): Promise<Json> {
  const { select, expand } = options
  const isWanted = (name: string) => select === null || select.includes(name)
  const json: Json = {}
  if (select === null || select.some(isId)) json['@iot.id'] = entity.id
  if (select === null) json['@iot.selfLink'] = selfLink(components, entity)
  for (const name of SHAPES[entity.set].properties) {
    const value = isWanted(name) ? entity.property(name) : undefined
    if (value !== undefined) json[name] = value
  }
  for (const { name } of SHAPES[entity.set].navigations) {
    const expanded = expand.find(wanted => wanted.name === name)
    if (expanded !== undefined) Object.assign(json, await expandedJson(components, entity, expanded))
    else if (isWanted(name)) json[`${name}@iot.navigationLink`] = `${selfLink(components, entity)}/${name}`
  }
  return json
}

/** One property, as the standard wants it: `{"name": …}`. */
export function propertyJson(entity: Entity, name: string): Json {
  return { [name]: propertyOf(entity, name) }
}

/** A property as a text of its own. */
export function propertyText(entity: Entity, name: string): string {
  const value = propertyOf(entity, name)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The link to an entity. */
export function selfLink({ baseUrl }: Pick<ReplyComponents, 'baseUrl'>, entity: Entity): string {
  return `${baseUrl}/${entityPath(entity)}`
}

function propertyOf(entity: Entity, name: string): unknown {
  const value = isId(name) ? entity.id : entity.property(name)
  if (value === undefined || value === null) {
    throw new ApiError('not_found', `${entityPath(entity)} has no ${name}.`)
  }
  return value
}

async function entitiesJson(
  components: ReplyComponents,
  entities: readonly Entity[],
  options: QueryOptions,
): Promise<Json[]> {
  const found: Json[] = []
  components.context.entitiesLeft -= entities.length
  for (const entity of entities) {
    found.push(await entityJson(components, entity, options))
    if (found.length % 100 === 0) await components.context.breathe()
  }
  return found
}

async function expandedJson(components: ReplyComponents, entity: Entity, expand: Expand): Promise<Json> {
  const { name, options } = expand
  const related = entity.related(name)
  if (related.kind === 'one') {
    return { [name]: related.entity && (await entityJson(components, related.entity, options)) }
  }
  const page = await readPage(components, related, options, true)
  const next = nextLink(components, `${entityPath(entity)}/${name}`, page, options)
  return {
    ...countOf(name, page),
    [name]: await entitiesJson(components, page.entities, options),
    ...(next === null ? {} : { [`${name}@iot.nextLink`]: next }),
  }
}

function readPage(
  components: ReplyComponents,
  content: Collection['content'],
  options: QueryOptions,
  isInside: boolean,
): Promise<Page> {
  const { context } = components
  const size = pageSize(options, context, isInside)
  // The answer is full: what is left out here can be asked for by itself.
  if (size === 0 && options.top !== 0)
    return Promise.resolve({ entities: [], next: ['$skip', `${options.skip}`], count: null })
  if (content.kind === 'many') return pageOf(content.entities, options, context, size)
  return observationsPage(components, content.streams, options, context, size)
}

function countOf(name: string, { count }: Page): Json {
  return count === null ? {} : { [`${name}@iot.count`]: count }
}

function nextLink({ baseUrl }: ReplyComponents, path: string, { next }: Page, options: QueryOptions): string | null {
  if (next === null) return null
  const kept = options.written.filter(([name]) => name !== '$skip' && name !== '$skiptoken')
  const query = [...kept, next].map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${baseUrl}/${path}?${query.join('&')}`
}

/** Observations as rows, those of one Datastream together (OGC 18-088 §12.2.1). */
function dataArrays(components: ReplyComponents, { entities }: Page, { select }: QueryOptions): Json[] {
  const names = select ?? ['id', ...SHAPES.Observations.properties]
  const rows = new Map<string, unknown[][]>()
  for (const entity of entities) {
    const related = entity.related('Datastream')
    if (related.kind !== 'one' || related.entity === null) continue
    const link = selfLink(components, related.entity)
    const row = names.map(name => (isId(name) ? entity.id : (entity.property(name) ?? null)))
    const known = rows.get(link) ?? []
    known.push(row)
    rows.set(link, known)
  }
  return Array.from(rows, ([link, dataArray]) => ({
    'Datastream@iot.navigationLink': link,
    components: names,
    'dataArray@iot.count': dataArray.length,
    dataArray,
  }))
}
