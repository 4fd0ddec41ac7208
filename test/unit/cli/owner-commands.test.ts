import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { type FakeAdmin, startFakeAdmin } from './fake-admin.ts'
import { fakeIo } from './fake-io.ts'

const tempDir = tempDirs()
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

test('an owner gets a token, shown once, and another in its place', async () => {
  const added = await hedgerow('owner add greta', { 'POST /api/owners': { name: 'greta', token: 'abc' } })
  expect([added.code, added.stdout.text()]).toEqual([EXIT.ok, 'Owner greta, token abc\n'])
  expect(added.stderr.text()).toContain(`the page at ${admin.httpUrl}`)
  expect(admin.calls).toEqual([{ route: 'POST /api/owners', token: 'root', body: '{"name":"greta"}' }])
  const renewed = await hedgerow('owner renew greta --json', {
    'POST /api/owners/greta/renew': { name: 'greta', token: 'def' },
  })
  expect(JSON.parse(renewed.stdout.text())).toEqual({ name: 'greta', token: 'def' })
})

test('owners with a token are listed, and a token can be ended', async () => {
  const greta = { name: 'greta', createdAtMs: 1_700_000_000_000, devices: 3 }
  const listed = await hedgerow('owner list', { 'GET /api/owners': [greta] })
  expect(listed.stdout.text()).toMatch(/^greta +3 {2}2023-11-14 22:13:20 UTC$/m)
  const none = await hedgerow('owner list', { 'GET /api/owners': [] })
  expect(none.stderr.text()).toContain('hedgerow owner add NAME')
  const removed = await hedgerow('owner remove greta', { 'POST /api/owners/greta/remove': greta })
  expect([removed.code, removed.stdout.text()]).toEqual([EXIT.ok, 'The token of greta has ended.\n'])
})

test('what the coordinator refuses is said in its words', async () => {
  const refusal = {
    status: 409,
    json: { error: { code: 'conflict', message: 'The owner greta has a token already.' } },
  }
  const refused = await hedgerow('owner add greta', { 'POST /api/owners': refusal })
  expect([refused.code === EXIT.ok, refused.stderr.text()]).toEqual([
    false,
    'hedgerow: The owner greta has a token already.\n',
  ])
})
