/** The eight kinds of entities of SensorThings, their properties and how they are linked (OGC 18-088 §8.2). */
import { ApiError } from '../../http/admin-api.ts'
import type { Value } from './filter/expression.ts'
import type { Stream } from './stream.ts'

export const ENTITY_SETS = [
  'Things',
  'Locations',
  'HistoricalLocations',
  'Datastreams',
  'Sensors',
  'Observations',
  'ObservedProperties',
  'FeaturesOfInterest',
] as const
export type EntitySet = (typeof ENTITY_SETS)[number]

/** A link from one entity to one other or to many. */
export interface Navigation {
  readonly name: string
  readonly target: EntitySet
  readonly many: boolean
}

export interface EntityShape {
  readonly properties: readonly string[]
  readonly navigations: readonly Navigation[]
}

const one = (name: string, target: EntitySet): Navigation => ({ name, target, many: false })
const many = (target: EntitySet): Navigation => ({ name: target, target, many: true })

export const SHAPES: Readonly<Record<EntitySet, EntityShape>> = {
  Things: {
    properties: ['name', 'description', 'properties'],
    navigations: [many('Locations'), many('HistoricalLocations'), many('Datastreams')],
  },
  Locations: {
    properties: ['name', 'description', 'encodingType', 'location', 'properties'],
    navigations: [many('Things'), many('HistoricalLocations')],
  },
  HistoricalLocations: {
    properties: ['time'],
    navigations: [one('Thing', 'Things'), many('Locations')],
  },
  Datastreams: {
    properties: ['name', 'description', 'observationType', 'unitOfMeasurement', 'phenomenonTime', 'properties'],
    navigations: [
      one('Thing', 'Things'),
      one('Sensor', 'Sensors'),
      one('ObservedProperty', 'ObservedProperties'),
      many('Observations'),
    ],
  },
  Sensors: {
    properties: ['name', 'description', 'encodingType', 'metadata', 'properties'],
    navigations: [many('Datastreams')],
  },
  Observations: {
    properties: ['phenomenonTime', 'resultTime', 'result', 'resultQuality', 'parameters'],
    navigations: [one('Datastream', 'Datastreams'), one('FeatureOfInterest', 'FeaturesOfInterest')],
  },
  ObservedProperties: {
    properties: ['name', 'definition', 'description', 'properties'],
    navigations: [many('Datastreams')],
  },
  FeaturesOfInterest: {
    properties: ['name', 'description', 'encodingType', 'feature', 'properties'],
    navigations: [many('Observations')],
  },
}

/** What is at the other end of a link. Observations are not listed but read. */
export type Related =
  | { readonly kind: 'one'; readonly entity: Entity | null }
  | { readonly kind: 'many'; readonly entities: readonly Entity[] }
  | { readonly kind: 'observations'; readonly streams: readonly Stream[] }

/** One entity. Its properties are worked out when they are asked for. */
export interface Entity {
  readonly set: EntitySet
  readonly id: string
  /** As JSON has it; undefined when the entity has none. */
  property(name: string): unknown
  related(name: string): Related
}

/** Names of the id in queries. */
const ID_NAMES: readonly string[] = ['id', '@iot.id']

export function isId(name: string | undefined): boolean {
  return name !== undefined && ID_NAMES.includes(name)
}

/** The link of this name, if entities of the set have it. */
export function navigationOf(set: EntitySet, name: string): Navigation | undefined {
  return SHAPES[set].navigations.find(navigation => navigation.name === name)
}

/**
 * Checks that a path leads from entities of a set to a value, and passes no link to observations, of which there is no end.
 * @throws {ApiError} `bad_request` that names what there is
 */
export function checkPath(set: EntitySet, path: readonly string[], option: string): void {
  const [name = '', ...rest] = path
  if (isId(name) && rest.length === 0) return
  const navigation = navigationOf(set, name)
  if (navigation !== undefined && rest.length > 0) {
    if (navigation.many && navigation.target === 'Observations') {
      throw new ApiError(
        'bad_request',
        `${option} cannot look through all Observations: ask for those of one Datastream.`,
      )
    }
    checkPath(navigation.target, rest, option)
    return
  }
  if (!SHAPES[set].properties.includes(name)) {
    const known = ['id', ...SHAPES[set].properties, ...SHAPES[set].navigations.map(link => `${link.name}/…`)].join(', ')
    throw new ApiError(
      'bad_request',
      `${option} cannot be read: ${set} have no '${name.slice(0, 64)}'; they have ${known}.`,
    )
  }
  if (set === 'Datastreams' && name === 'phenomenonTime') {
    const message = `${option} cannot compare phenomenonTime of Datastreams, which is a stretch of time: ask for Observations.`
    throw new ApiError('bad_request', message)
  }
}

const TIMES: readonly string[] = ['phenomenonTime', 'resultTime', 'time']

/** The values that a checked path leads to. */
export function valuesAt(entity: Entity, path: readonly string[]): readonly Value[] {
  const [name = '', ...rest] = path
  if (isId(name)) return [entity.id]
  if (rest.length > 0 && navigationOf(entity.set, name) !== undefined) {
    const related = entity.related(name)
    if (related.kind === 'one') return related.entity === null ? [null] : valuesAt(related.entity, rest)
    return related.kind === 'many' ? related.entities.flatMap(other => valuesAt(other, rest)) : []
  }
  return [comparable(name, inside(entity.property(name), rest))]
}

function inside(value: unknown, path: readonly string[]): unknown {
  let found = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return null
    found = (found as Record<string, unknown>)[name]
  }
  return found
}

function comparable(name: string, value: unknown): Value {
  if (typeof value === 'string' && TIMES.includes(name)) return new Date(value)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return null
}
