import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import type { Witness } from '../../../coordinator/http/witness-api.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { type FakeAdmin, startFakeAdmin } from './fake-admin.ts'
import { fakeIo } from './fake-io.ts'

const tempDir = tempDirs()
const HILL = 'h'.repeat(26)
const DALE = 'd'.repeat(26)
const originOf = (region: string) => `hedgerow/log/${region}`

const witnessOf = (region: string, changes: Partial<Witness> = {}): Witness => ({
  origin: originOf(region),
  url: `http://${region.charAt(0)}.example`,
  logKey: `${originOf(region)}+00000000+AAAA`,
  witnessKey: `hedgerow/witness/${region}+00000000+BBBB`,
  addedAtMs: 1_700_000_000_000,
  cosignedByUs: 1_234,
  cosignedByThem: { size: 5_678, atMs: 1_700_000_000_000 },
  problem: '',
  conflict: null,
  ...changes,
})

let admin: FakeAdmin
let cwd: string

beforeEach(async () => {
  admin = await startFakeAdmin()
  cwd = tempDir()
  admin.admitTo(join(cwd, '.hedgerow'))
})

afterEach(() => admin.close())

async function hedgerow(line: string, answers: FakeAdmin['answers'] = {}) {
  admin.answers = answers
  const io = fakeIo({ cwd })
  return { code: await run(line.split(' '), io), ...io }
}

test('lists witnesses and what is cosigned', async () => {
  const witnesses = [
    witnessOf(HILL),
    witnessOf(DALE, { cosignedByThem: null, problem: 'http://d.example cannot be reached: refused.' }),
  ]
  const listed = await hedgerow('witness list', { 'GET /api/witnesses': witnesses })
  expect(listed.code).toBe(EXIT.ok)
  expect(listed.stdout.text()).toMatch(
    new RegExp(`${HILL} {2}http://h.example +1,234 +5,678 {2}2023-11-14 22:13:20 UTC {2}well`),
  )
  expect(listed.stdout.text()).toMatch(new RegExp(`${DALE} {2}http://d.example +1,234 +- {2}- +waiting`))
  expect(listed.stderr.text()).toContain(`${DALE}: http://d.example cannot be reached: refused.`)
  const conflict = { cosigned: 'one\n', other: 'two\n' }
  const caught = await hedgerow('witness list', { 'GET /api/witnesses': [witnessOf(HILL, { conflict })] })
  expect(caught.stdout.text()).toContain('two histories')
  const json = await hedgerow('witness list --json', { 'GET /api/witnesses': witnesses })
  expect(JSON.parse(json.stdout.text())).toEqual(witnesses)
  expect((await hedgerow('witness list', { 'GET /api/witnesses': [] })).stderr.text()).toContain(
    'hedgerow witness add URL',
  )
})

test('adds a witness by its address', async () => {
  const added = await hedgerow('witness add http://h.example', { 'POST /api/witnesses': witnessOf(HILL) })
  expect([added.code, admin.calls.map(({ body }) => JSON.parse(body))]).toEqual([
    EXIT.ok,
    [{ url: 'http://h.example' }],
  ])
  expect(added.stdout.text()).toContain(`Region ${HILL} at http://h.example is a witness.`)
  expect(added.stdout.text()).toContain(witnessOf(HILL).witnessKey)
  expect(added.stderr.text()).toContain('Its operator has to add this region too.')
})

test.each([HILL, 'hh', originOf(HILL), 'http://h.example', 'http://h.example/'])('removes %s', async name => {
  const route = `POST /api/witnesses/${encodeURIComponent(originOf(HILL))}/remove`
  const answers = { 'GET /api/witnesses': [witnessOf(HILL), witnessOf(DALE)], [route]: witnessOf(HILL) }
  const removed = await hedgerow(`witness remove ${name}`, answers)
  expect([removed.code, removed.stdout.text()]).toEqual([EXIT.ok, `Region ${HILL} is no witness any more.\n`])
})

test('says which witness it does not know', async () => {
  const answers = { 'GET /api/witnesses': [witnessOf(HILL)] }
  const failed = await hedgerow('witness remove dale', answers)
  expect(failed.code).not.toBe(EXIT.ok)
  expect(failed.stderr.text()).toContain("There is no witness 'dale': 'hedgerow witness list' shows them.")
})
