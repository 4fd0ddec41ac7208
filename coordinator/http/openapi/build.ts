/**
 * Makes docs/openapi.json of the tables of routes and the types of their bodies: `node coordinator/http/openapi/build.ts`. Run it after a
 * change of either; a test compares the file with what this makes.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createGenerator } from 'ts-json-schema-generator'
import { API_ROUTES } from '../api-table.ts'
import { openApiDocument } from './document.ts'
import type { JsonObject } from './parts.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

/** Where the document is kept. */
export const OPENAPI_FILE = join(ROOT, 'docs/openapi.json')

/** The file's content; takes a second or two, in which the types are read. */
export function buildOpenApi(): string {
  const generator = createGenerator({
    path: join(import.meta.dirname, 'shapes.ts'),
    tsconfig: join(ROOT, 'tsconfig.json'),
    type: 'Shapes',
    skipTypeCheck: true,
    encodeRefs: false,
    topRef: false,
    sortProps: false,
  })
  const shapes = generator.createSchema('Shapes') as unknown as JsonObject
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  return `${JSON.stringify(openApiDocument(shapes, API_ROUTES, version), null, 2)}\n`
}

if (import.meta.main) {
  writeFileSync(OPENAPI_FILE, buildOpenApi())
  // As the repository has its files.
  execFileSync(join(ROOT, 'node_modules/.bin/biome'), ['format', '--write', OPENAPI_FILE], { stdio: 'inherit' })
}
