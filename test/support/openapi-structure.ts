/**
 * The rules of OpenAPI 3.1 that the project's document touches, as a JSON schema of its own: every object that may stand there with the
 * fields it may have, and no others but those that begin with `x-`.
 * @see https://spec.openapis.org/oas/v3.1.1.html#schema-0
 */

/** An object with these fields, some of them required. */
function object(fields: Record<string, unknown>, required: readonly string[] = []) {
  return {
    type: 'object',
    properties: fields,
    patternProperties: { '^x-': true },
    required,
    additionalProperties: false,
  }
}

const text = { type: 'string', minLength: 1 }
const mapOf = (values: unknown, names = '^.+$') => ({
  type: 'object',
  patternProperties: { [names]: values },
  additionalProperties: false,
})
const listOf = (items: unknown, more: object = {}) => ({ type: 'array', items, ...more })
const local = (name: string) => ({ $ref: `#/$defs/${name}` })

export const OPENAPI_STRUCTURE = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...object(
    {
      openapi: { const: '3.1.0' },
      info: object(
        { title: text, version: text, description: text, license: object({ name: text, identifier: text }, ['name']) },
        ['title', 'version'],
      ),
      jsonSchemaDialect: text,
      security: local('security'),
      tags: listOf(object({ name: text }, ['name']), { uniqueItems: true }),
      paths: mapOf(local('path'), '^/'),
      components: object({
        schemas: mapOf(local('schema'), '^[a-zA-Z0-9._-]+$'),
        securitySchemes: mapOf(
          object({ type: { const: 'http' }, scheme: { const: 'bearer' }, description: text }, ['type', 'scheme']),
        ),
      }),
    },
    ['openapi', 'info', 'paths', 'components'],
  ),
  $defs: {
    security: listOf(mapOf(listOf(text))),
    path: object(
      Object.fromEntries(['get', 'put', 'post', 'delete', 'head'].map(method => [method, local('operation')])),
    ),
    operation: object(
      {
        operationId: { type: 'string', pattern: '^[a-z][A-Za-z0-9]*$' },
        summary: { type: 'string', pattern: '\\.$' },
        description: text,
        tags: listOf(text, { minItems: 1, uniqueItems: true }),
        externalDocs: object({ url: text, description: text }, ['url']),
        security: local('security'),
        parameters: listOf(local('parameter'), { uniqueItems: true }),
        requestBody: object({ description: text, required: { type: 'boolean' }, content: local('content') }, [
          'content',
        ]),
        responses: { minProperties: 2, ...mapOf(local('response'), '^([1-5]\\d\\d|default)$') },
      },
      ['operationId', 'summary', 'tags', 'responses', 'x-roles'],
    ),
    parameter: object(
      {
        name: text,
        in: { enum: ['path', 'query'] },
        required: { type: 'boolean' },
        description: text,
        schema: local('schema'),
      },
      ['name', 'in', 'required', 'description', 'schema'],
    ),
    response: object({ description: text, content: local('content') }, ['description']),
    content: { ...mapOf(object({ schema: local('schema') }, ['schema']), '^[^/ ]+/[^/ ]+$'), minProperties: 1 },
    /** What it must be beside this is for the meta-schema of JSON Schema to say. */
    schema: { type: 'object' },
  },
}
