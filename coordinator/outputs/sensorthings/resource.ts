/** What a path leads to. */
import { ApiError } from '../../http/admin-api.ts'
import type { ReadingsReader } from '../readings/readings-reader.ts'
import type { SensingSource } from '../source.ts'
import type { Entities } from './entities.ts'
import {
  datastreamId,
  isDeviceId,
  isSensorId,
  parseDatastreamId,
  parseFeatureId,
  parseObservationId,
  UNKNOWN_FEATURE,
} from './ids.ts'
import { ENTITY_SETS, type Entity, type EntitySet, isId, navigationOf, type Related, SHAPES } from './model.ts'
import type { PathStep } from './resource-path.ts'
import { type Stream, streamsOf } from './stream.ts'

/** Entities of one set, or observations still to be read. */
export interface Collection {
  readonly set: EntitySet
  readonly content: Exclude<Related, { kind: 'one' }>
  /** The path as links repeat it, such as `Things('a')/Datastreams`. */
  readonly path: string
}

/** What is to be answered. */
export type Resource =
  | { readonly kind: 'root' }
  | { readonly kind: 'collection'; readonly collection: Collection; readonly refs: boolean }
  | { readonly kind: 'entity'; readonly entity: Entity; readonly refs: boolean }
  | { readonly kind: 'property'; readonly entity: Entity; readonly name: string; readonly bare: boolean }

export interface ResourceComponents {
  readonly source: SensingSource
  readonly entities: Entities
  readonly reader: ReadingsReader
}

/**
 * Follows a path.
 * @throws {ApiError} `not_found` when something on it is not there, `bad_request` when it goes on where it cannot
 */
export function resourceAt(components: ResourceComponents, steps: readonly PathStep[]): Resource {
  const [first, ...rest] = steps
  if (first === undefined) return { kind: 'root' }
  const set = ENTITY_SETS.find(known => known === first.name)
  if (set === undefined) throw notFound(first.name, `: there are ${ENTITY_SETS.join(', ')}`)
  let at: Collection | Entity = { set, content: allOf(components, set), path: set }
  if (first.id !== null) at = oneOf(components, at, first.id)
  for (const [index, step] of rest.entries()) {
    const isLast = index === rest.length - 1
    if (step.name === '$ref' && isLast) return resourceOf(at, true)
    if ('content' in at) throw notFound(step.name, `: ${at.path} are many, and only $ref may follow`)
    const navigation = navigationOf(at.set, step.name)
    if (navigation === undefined) return propertyOf(at, step, rest.slice(index + 1))
    at = followed(components, at, step)
  }
  return resourceOf(at, false)
}

/** An entity as links name it: `Things('a')`. */
export function entityPath({ set, id }: Entity): string {
  return `${set}('${id}')`
}

function resourceOf(at: Collection | Entity, refs: boolean): Resource {
  return 'content' in at ? { kind: 'collection', collection: at, refs } : { kind: 'entity', entity: at, refs }
}

function propertyOf(entity: Entity, { name, id }: PathStep, rest: readonly PathStep[]): Resource {
  const isKnown = isId(name) || SHAPES[entity.set].properties.includes(name)
  if (!isKnown || id !== null) throw notFound(name, ` in ${entity.set}`)
  const [next, ...more] = rest
  if (next !== undefined && (next.name !== '$value' || more.length > 0)) {
    throw notFound(next.name, `: only $value may follow the property ${name}`)
  }
  return { kind: 'property', entity, name, bare: next !== undefined }
}

function followed(components: ResourceComponents, from: Entity, step: PathStep): Collection | Entity {
  const navigation = navigationOf(from.set, step.name)
  const related = from.related(step.name)
  if (navigation === undefined || related.kind === 'one') {
    const entity = related.kind === 'one' ? related.entity : null
    if (step.id !== null) throw new ApiError('bad_request', `${step.name} is one entity: leave out its key.`)
    if (entity === null) throw notFound(step.name, ` of ${entityPath(from)}`)
    return entity
  }
  const collection = { set: navigation.target, content: related, path: `${entityPath(from)}/${step.name}` }
  return step.id === null ? collection : oneOf(components, collection, step.id)
}

function oneOf(components: ResourceComponents, { set, content, path }: Collection, id: string): Entity {
  if (content.kind === 'observations') {
    const entity = observationOf(components, content.streams, id)
    if (entity === null) throw notFound(`${path}('${id.slice(0, 64)}')`)
    return entity
  }
  const isAll = path === set
  const entity = isAll ? find(components, set, id) : (content.entities.find(known => known.id === id) ?? null)
  if (entity === null) throw notFound(`${path}('${id.slice(0, 64)}')`)
  return entity
}

function observationOf(
  { entities, reader }: ResourceComponents,
  streams: readonly Stream[],
  id: string,
): Entity | null {
  const named = parseObservationId(id)
  const stream = named && streams.find(known => datastreamId(known) === datastreamId(named.series))
  const reading = named && stream && reader.at(stream, named.atMs)
  return stream && reading && reading.scaled !== null ? entities.observation(stream, reading) : null
}

/** Everything of a set. */
function allOf({ entities, source }: ResourceComponents, set: EntitySet): Collection['content'] {
  const many = (found: readonly Entity[]): Collection['content'] => ({ kind: 'many', entities: found })
  switch (set) {
    case 'Things':
      return many(devicesOf(source).map(device => entities.thing(device)))
    case 'Locations':
      return many(placesOf(source).map(place => entities.location(place)))
    case 'HistoricalLocations':
      return many(placesOf(source).map(place => entities.historicalLocation(place)))
    case 'Datastreams':
      return many(entities.streams().map(stream => entities.datastream(stream)))
    case 'Sensors':
      return many([...source.registry.all()].map(known => entities.sensor(known)))
    case 'Observations':
      return { kind: 'observations', streams: entities.streams() }
    case 'ObservedProperties': {
      const quantities = [...source.registry.all()].flatMap(({ channels }) => channels.map(({ quantity }) => quantity))
      return many([...new Set(quantities)].map(quantity => entities.observedProperty(quantity)))
    }
    case 'FeaturesOfInterest': {
      const features = placesOf(source).map(place => entities.feature(place))
      return many([...new Map(features.map(feature => [feature.id, feature])).values()])
    }
  }
}

/** One of a set by its key, without looking at the others. */
function find({ entities, source }: ResourceComponents, set: EntitySet, id: string): Entity | null {
  const { registry } = source
  switch (set) {
    case 'Things':
      return isDeviceId(id) && registry.ofDevice(id).length > 0 ? entities.thing(id) : null
    case 'Locations':
    case 'HistoricalLocations': {
      const place = isDeviceId(id) && registry.ofDevice(id).length > 0 ? registry.place(id) : undefined
      if (place === undefined) return null
      return set === 'Locations' ? entities.location(place) : entities.historicalLocation(place)
    }
    case 'Datastreams': {
      const series = parseDatastreamId(id)
      const known = series && registry.sensor(series.sensor)
      const stream = known && streamsOf(known).find(({ quantity }) => quantity === series.quantity)
      return stream ? entities.datastream(stream) : null
    }
    case 'Sensors': {
      const known = isSensorId(id) ? registry.sensor(id) : undefined
      return known === undefined ? null : entities.sensor(known)
    }
    case 'ObservedProperties': {
      const isMeasured = [...registry.all()].some(({ channels }) => channels.some(({ quantity }) => quantity === id))
      return isMeasured ? entities.observedProperty(id) : null
    }
    case 'FeaturesOfInterest': {
      const place = parseFeatureId(id)
      return place === null && id !== UNKNOWN_FEATURE ? null : entities.feature(place)
    }
    case 'Observations':
      return null
  }
}

function devicesOf({ registry }: SensingSource) {
  return [...new Set(Array.from(registry.all(), ({ row }) => row.device))]
}

/** Where devices with sensors stand. */
function placesOf(source: SensingSource) {
  return devicesOf(source).flatMap(device => source.registry.place(device) ?? [])
}

function notFound(name: string, where = ''): ApiError {
  return new ApiError('not_found', `There is no ${name.slice(0, 200)}${where}.`)
}
