import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const ID = /\[(?:WIRE|COSE|TOPIC|SESSION|JOIN|LEASE|RESULT|OUT|BLOB|JOB|VERIFY|PAY|STORE)-\d+\.\d+\]/g
const SOURCES = ['protocol', 'hardware', 'device', 'coordinator', 'client', 'cli', 'test']

const clauses = readFileSync(join(root, 'protocol/spec/clauses.md'), 'utf8')
const defined = [...clauses.matchAll(/^- (\[[A-Z]+-\d+\.\d+\]) /gm)].map(match => match[1] ?? '')

/** Paths of the TypeScript files below a folder. */
function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => join(root, folder, path))
}

function citedIn(paths: readonly string[]): Set<string> {
  return new Set(paths.flatMap(path => readFileSync(path, 'utf8').match(ID) ?? []))
}

test('clauses have one id each, in order, and say one sentence', () => {
  expect(defined.length).toBeGreaterThan(0)
  expect(new Set(defined).size).toBe(defined.length)
  const lines = clauses.split('\n').filter(line => line.startsWith('- '))
  expect(lines.filter(line => !/^- \[[A-Z]+-\d+\.\d+\] [A-Z].*\.$/.test(line))).toEqual([])
  expect(lines.filter(line => /\. [A-Z]/.test(line))).toEqual([])
})

test('every clause is cited by a test', () => {
  const cited = citedIn(sourcesBelow('test').filter(path => path.endsWith('.test.ts')))
  expect(defined.filter(id => !cited.has(id))).toEqual([])
})

test('every cited clause exists', () => {
  const cited = citedIn(SOURCES.flatMap(sourcesBelow))
  expect([...cited].filter(id => !defined.includes(id))).toEqual([])
})
