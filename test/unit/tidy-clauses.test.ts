import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const ID =
  /\[(?:WIRE|COSE|TOPIC|SESSION|JOIN|LEASE|RESULT|OUT|BLOB|JOB|VERIFY|PAY|STORE|PROFILE|FUEL|STACK|NAN|END|QC|READ|SENSE|CLOCK|LOG|DISP|PRICE|REP|SCHED)-\d+\.\d+\]/g
const SOURCES = ['protocol', 'hardware', 'device', 'coordinator', 'auditor', 'client', 'cli', 'test']

/** The rules of the wire, one sentence each, and those of metering and of verdicts, which may need several. */
const DOCUMENTS = ['clauses.md', 'metering.md', 'quality.md'].map(name => ({
  name,
  clauses: readFileSync(join(root, 'protocol/spec', name), 'utf8')
    .split('\n')
    .filter(line => line.startsWith('- ')),
}))
const defined = DOCUMENTS.flatMap(({ clauses }) =>
  clauses.flatMap(line => /^- (\[[A-Z]+-\d+\.\d+\]) /.exec(line)?.[1] ?? []),
)

/** Paths of the TypeScript files below a folder. */
function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => join(root, folder, path))
}

function citedIn(paths: readonly string[]): Set<string> {
  return new Set(paths.flatMap(path => readFileSync(path, 'utf8').match(ID) ?? []))
}

test.each(DOCUMENTS)('clauses of $name have one id each, and are sentences', ({ clauses }) => {
  expect(clauses.length).toBeGreaterThan(0)
  expect(clauses.filter(line => !/^- \[[A-Z]+-\d+\.\d+\] [A-Z`].*\.$/.test(line))).toEqual([])
})

test('ids are used once', () => {
  expect(new Set(defined).size).toBe(defined.length)
})

test('clauses of the wire say one sentence', () => {
  const wire = DOCUMENTS.find(({ name }) => name === 'clauses.md')
  expect(wire?.clauses.filter(line => /\. [A-Z]/.test(line))).toEqual([])
})

test('every clause is cited by a test', () => {
  const cited = citedIn(sourcesBelow('test').filter(path => path.endsWith('.test.ts')))
  expect(defined.filter(id => !cited.has(id))).toEqual([])
})

test('every cited clause exists', () => {
  const cited = citedIn(SOURCES.flatMap(sourcesBelow))
  expect([...cited].filter(id => !defined.includes(id))).toEqual([])
})
