/** OGC SensorThings API 1.1, Part 1, for reading (OGC 18-088). */
import { ReadingsReader } from '../readings/readings-reader.ts'
import { Verdicts } from '../readings/verdicts.ts'
import { Work } from '../readings/work.ts'
import type { SensingSource } from '../source.ts'
import { Entities } from './entities.ts'
import { ENTITY_SETS } from './model.ts'
import { checkOptions } from './page.ts'
import { parseQueryOptions } from './query-options.ts'
import { resourceAt } from './resource.ts'
import { parseResourcePath } from './resource-path.ts'
import {
  collectionJson,
  entityJson,
  propertyJson,
  propertyText,
  type ReplyComponents,
  refsJson,
  selfLink,
} from './respond.ts'

export interface SensorThingsComponents {
  readonly source: SensingSource
  /** The address of `/v1.1` as others reach it, without a slash at its end. */
  baseUrl(): string
  wallMs(): number
  /** Lets others be served; resolves after the events at hand. */
  breathe(): Promise<void>
}

/** An answer, whole. */
export interface SensorThingsReply {
  readonly mediaType: string
  readonly body: string
}

export interface SensorThings {
  /**
   * Answers a GET.
   * @param path - what follows `/v1.1`, percent-encoded
   * @param query - percent-encoded, without the question mark
   * @throws {ApiError} `bad_request` for what cannot be read or would take too long, `not_found` for what is not there
   */
  get(path: string, query: string): Promise<SensorThingsReply>
}

/** Entities in one answer, those within others included. */
const ENTITIES_MAX = 5_000

const CONFORMANCE = [
  'datamodel',
  'resource-path/resource-path-to-entities',
  'request-data/status-code',
  'request-data/query-status-code',
  'request-data/order',
  'request-data/expand',
  'request-data/select',
  'request-data/orderby',
  'request-data/top',
  'request-data/skip',
  'request-data/count',
  'request-data/filter',
  'request-data/built-in-filter-operations',
  'request-data/pagination',
].map(name => `http://www.opengis.net/spec/iot_sensing/1.1/req/${name}`)

/** The service over a region's stored readings. */
export function createSensorThings(components: SensorThingsComponents): SensorThings {
  const { source, wallMs, breathe } = components
  return {
    async get(path, query) {
      const steps = parseResourcePath(path)
      const options = parseQueryOptions(query)
      const work = new Work()
      const reader = new ReadingsReader(source, work)
      const entities = new Entities(source, new Verdicts(source, reader))
      const context = { work, entitiesLeft: ENTITIES_MAX, wallMs, breathe }
      const baseUrl = components.baseUrl()
      const reply: ReplyComponents = { entities, reader, baseUrl, context }
      const resource = resourceAt({ source, entities, reader }, steps)
      switch (resource.kind) {
        case 'root':
          return json(rootJson(baseUrl))
        case 'collection': {
          checkOptions(resource.collection.set, options)
          const write = resource.refs ? refsJson : collectionJson
          return json(await write(reply, resource.collection, options))
        }
        case 'entity': {
          checkOptions(resource.entity.set, options)
          if (resource.refs) return json({ '@iot.selfLink': selfLink(reply, resource.entity) })
          return json(await entityJson(reply, resource.entity, options))
        }
        case 'property': {
          const { entity, name, bare } = resource
          if (bare) return { mediaType: 'text/plain; charset=utf-8', body: propertyText(entity, name) }
          return json(propertyJson(entity, name))
        }
      }
    },
  }
}

function rootJson(baseUrl: string): object {
  return {
    value: ENTITY_SETS.map(name => ({ name, url: `${baseUrl}/${name}` })),
    serverSettings: { conformance: CONFORMANCE },
  }
}

function json(value: object): SensorThingsReply {
  return { mediaType: 'application/json', body: JSON.stringify(value) }
}
