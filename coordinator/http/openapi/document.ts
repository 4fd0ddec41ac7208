/** Makes the OpenAPI document of the tables of routes and the schemas of their bodies. */
import type { ApiRoute } from '../api-route.ts'
import { otherPaths } from './other-paths.ts'
import { parameter } from './parameters.ts'
import { type Json, type JsonObject, jsonContent, type Operation, problem, ref, type Shaped } from './parts.ts'
import { textReplyOf } from './text-replies.ts'

const INTRODUCTION = `What can be asked of a coordinator over HTTP.

Amounts are decimal texts of micro-credits in fields named \`…Micro\`, times are wall-clock milliseconds in fields named \`…Ms\`, values that are absent are \`null\`.
A \`POST\` answers after what it changed is durable. Refusals are \`{"error": {"code", "message"}}\`: the code is for programs, the message is a sentence for people.

The token stands in the header \`Authorization: Bearer …\`. The operator's is in \`admin.json\` in the coordinator's folder while it runs, owners and submitters are given theirs
by \`hedgerow owner add\` and \`hedgerow submitter add\`. There are no cookies. Each operation says in \`x-roles\` whom it is for; \`public\` needs no token.

Readings as OGC SensorThings, where a region shows its data, are at \`/v1.1\` and described by that standard.`

/**
 * @param shapes - the JSON schema of {@link Shapes}, as the generator makes it
 * @param routes - the tables of routes
 */
export function openApiDocument(shapes: JsonObject, routes: readonly ApiRoute[], version: string): JsonObject {
  const { definitions } = shapes as { definitions: JsonObject }
  const { Replies: replies, Bodies: bodies, LiveEvents: events, ...schemas } = definitions as Record<string, JsonObject>
  const shaped: Shaped = {
    replyOf: route => propertyOf(replies, route),
    bodyOf: route => propertyOf(bodies, route),
    eventsSchema: events ?? {},
  }
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = templateOf(route.path)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, shaped) }
  }
  for (const [path, item] of Object.entries(otherPaths(shaped))) paths[path] = { ...paths[path], ...item }
  const used = usedBy(paths, schemas)
  return withRefs({
    openapi: '3.1.0',
    info: {
      title: 'Hedgerow coordinator',
      version,
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    security: [{ token: [] }],
    tags: tagsOf(paths),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The operator’s, an owner’s or a submitter’s.' },
      },
      schemas: Object.fromEntries([...used].sort().map(name => [name, schemas[name] ?? {}])),
    },
  }) as JsonObject
}

function operationOf(route: ApiRoute, shaped: Shaped): Operation {
  const { method, path, summary, roles, query = [], creates = false } = route
  const name = `${method} ${path}`
  const text = textReplyOf(name, shaped)
  const content = text ?? jsonContent(shaped.replyOf(name))
  const isPublic = roles.includes('public')
  const body = bodyOf(route, shaped)
  return {
    operationId: operationIdOf(method, path),
    summary,
    tags: [path.split('/')[2] ?? ''],
    'x-roles': [...roles],
    ...(isPublic ? { security: roles.length > 1 ? [{}, { token: [] }] : [{}] } : {}),
    parameters: [
      ...[...path.matchAll(/:(\w+)/g)].map(([, param = '']) => parameter('path', param, path)),
      ...query.map(param => parameter('query', param, path)),
    ],
    ...(body === null ? {} : { requestBody: body }),
    responses: { [creates ? '201' : '200']: { description: summary, content }, default: problem() },
  }
}

function bodyOf({ method, path, body }: ApiRoute, { bodyOf: shapeOf }: Shaped): JsonObject | null {
  if (body === undefined) return null
  if (body !== 'specification') {
    const schema = shapeOf(`${method} ${path}`)
    const isNeeded = Array.isArray(schema.required) && schema.required.length > 0
    return { required: isNeeded, content: jsonContent(schema) }
  }
  const guide = path.includes('campaigns') ? 'docs/campaigns.md' : 'docs/submitting.md'
  const description = `A whole specification, as ${guide} explains it; up to 4 MiB, larger content is named as blobs.`
  return { required: true, content: jsonContent({ type: 'object', description }) }
}

/** @throws when there is none, so that no route is left without */
function propertyOf(shape: JsonObject | undefined, name: string): JsonObject {
  const found = (shape?.properties as JsonObject | undefined)?.[name]
  if (found === undefined) throw new Error(`shapes.ts says nothing of '${name}': add it to Replies or Bodies.`)
  return found as JsonObject
}

/** `/api/jobs/:id` as `/api/jobs/{id}`. */
function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}')
}

/** Such as `getJobsIdExplain`; stable as long as the path is. */
function operationIdOf(method: string, path: string): string {
  const words = path
    .replace(/^\/api\//, '')
    .split(/[^\w]+/)
    .filter(Boolean)
  return method.toLowerCase() + words.map(word => word[0]?.toUpperCase() + word.slice(1)).join('')
}

function tagsOf(paths: Readonly<Record<string, Readonly<Record<string, Json>>>>): Json[] {
  const tags = Object.values(paths).flatMap(item => Object.values(item).flatMap(one => (one as Operation).tags ?? []))
  return [...new Set(tags)].sort().map(name => ({ name }))
}

/** Names of the schemas that the paths refer to, and those refer to in their turn. */
function usedBy(paths: Json, schemas: Readonly<Record<string, JsonObject>>): Set<string> {
  const used = new Set<string>()
  const look = (value: Json): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/(?:definitions|components\/schemas)\/([^"]+)"/g)) {
      if (used.has(name)) continue
      used.add(name)
      look(schemas[name] ?? null)
    }
  }
  look(paths)
  return used
}

/** The generator's own references and links, as OpenAPI and its readers have them. */
function withRefs(value: Json): Json {
  if (typeof value === 'string')
    return value.replace(/^#\/definitions\//, ref('').$ref).replaceAll(/\s*\{\s*@link\s+([^}\s]+)\s*\}/g, ' $1')
  if (Array.isArray(value)) return value.map(withRefs)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withRefs(one)]))
}
