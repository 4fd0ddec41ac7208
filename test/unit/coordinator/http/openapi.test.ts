/** The document of docs/openapi.json against the routes, the types and the rules of OpenAPI. What it says of replies: test/integration/openapi.test.ts. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { API_ROUTES } from '../../../../coordinator/http/api-table.ts'
import { buildOpenApi, OPENAPI_FILE } from '../../../../coordinator/http/openapi/build.ts'
import { OPENAPI_STRUCTURE } from '../../../support/openapi-structure.ts'

interface Operation {
  operationId: string
  'x-roles': string[]
  parameters?: { name: string; in: string }[]
  requestBody?: { content: Record<string, { schema: object }> }
}

interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const document = JSON.parse(readFileSync(OPENAPI_FILE, 'utf8')) as Document
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, operation })),
)

/** Every object within the document. */
function* objectsIn(value: unknown): Iterable<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Record<string, unknown>
  for (const one of Object.values(value)) yield* objectsIn(one)
}

test('is what the routes and types come to: `node coordinator/http/openapi/build.ts` makes it again', () => {
  expect(document).toEqual(JSON.parse(buildOpenApi()))
})

test('has every route of the tables, and beside them only what is served otherwise', () => {
  const names = operations.map(({ name }) => name)
  const routes = API_ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  expect(routes.filter(name => !names.includes(name))).toEqual([])
  expect(names.filter(name => !routes.includes(name)).sort()).toEqual([
    'GET /api/openapi.json',
    'GET /blob/{sha256}',
    'GET /ca.pem',
    'GET /health',
    'GET /log/card',
    'GET /log/checkpoint',
    'GET /log/tile/entries/{index}',
    'GET /log/tile/{level}/{index}',
    'GET /metrics',
    'GET /ready',
    'GET /updates/metadata/{name}',
    'GET /updates/targets/{name}',
    'GET /v1.1',
    'GET /witness/{origin}/checkpoint',
    'POST /api/statements/{device}',
    'POST /witness/add-checkpoint',
    'PUT /blob/{sha256}',
  ])
})

test('tells of each route who may call it, and its parameters and fields', () => {
  const told = new Map(operations.map(({ name, operation }) => [name, operation]))
  for (const { method, path, roles, query = [], body } of API_ROUTES) {
    const operation = told.get(`${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    expect(operation?.['x-roles'], path).toEqual([...roles])
    const named = (place: string) => operation?.parameters?.filter(one => one.in === place).map(({ name }) => name)
    expect(named('query'), path).toEqual([...query])
    expect(named('path'), path).toEqual([...path.matchAll(/:(\w+)/g)].map(match => match[1]))
    const fields = operation?.requestBody?.content['application/json']?.schema as { properties?: object } | undefined
    if (Array.isArray(body)) expect(Object.keys(fields?.properties ?? {}).sort(), path).toEqual([...body].sort())
    else expect(operation?.requestBody !== undefined, path).toBe(body === 'specification')
  }
})

describe('by the rules of OpenAPI 3.1', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })

  test('has only what may stand there, and all that must', () => {
    const check = ajv.compile(OPENAPI_STRUCTURE)
    check(document)
    expect(check.errors ?? []).toEqual([])
  })

  test('the rules find what is wrong', () => {
    const check = ajv.compile(OPENAPI_STRUCTURE)
    const spoilt = (spoil: (copy: Document) => void) => {
      const copy = structuredClone(document)
      spoil(copy)
      return check(copy)
    }
    expect(spoilt(copy => delete (copy as Partial<Document>).paths)).toBe(false)
    expect(spoilt(copy => Object.assign(copy.paths['/api/region']?.get ?? {}, { parametres: [] }))).toBe(false)
    expect(spoilt(copy => Object.assign(copy.paths, { 'no-slash': {} }))).toBe(false)
  })

  test('names every operation once', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })

  test('refers to nothing that is not there, and has nothing that nobody refers to', () => {
    const refs = new Set([...objectsIn(document)].flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : [])))
    const there = Object.keys(document.components.schemas).map(name => `#/components/schemas/${name}`)
    expect([...refs].filter(ref => !there.includes(ref))).toEqual([])
    expect(there.filter(ref => !refs.has(ref))).toEqual([])
  })

  test('has schemas that are schemas, and that refuse fields nobody has told of', () => {
    ajv.addSchema(document, 'document')
    for (const name of Object.keys(document.components.schemas)) {
      expect(() => ajv.compile({ $ref: `document#/components/schemas/${name}` }), name).not.toThrow()
      expect(ajv.validateSchema(document.components.schemas[name] ?? {}), name).toBe(true)
    }
    const open = [...objectsIn(document.components.schemas)].filter(
      schema => schema.type === 'object' && schema.properties !== undefined && schema.additionalProperties !== false,
    )
    expect(open).toEqual([])
  })
})

test('leaves no mark of the generator', () => {
  expect(JSON.stringify(document)).not.toMatch(/#\/definitions|@link|__brand|\[object/)
})
