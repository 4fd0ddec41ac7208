import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dashboard } from '../../../cli/commands/dashboard.ts'
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

async function hedgerow(line: string) {
  admin.answers = { 'GET /api/region': { name: 'meadow', httpUrl: 'http://hedge.example:8717' } }
  const io = fakeIo({ cwd })
  return { code: await run(line.split(' '), io, [dashboard]), out: io.stdout.text(), notes: io.stderr.text() }
}

test('the address of the page is printed, without anything that signs in', async () => {
  const { code, out, notes } = await hedgerow('dashboard')
  expect([code, out, notes]).toEqual([EXIT.ok, `${admin.httpUrl}/\n`, ''])
})

test('the address that signs in has the token behind its #, and a warning beside it', async () => {
  const { code, out, notes } = await hedgerow('dashboard --token')
  expect([code, out]).toEqual([EXIT.ok, `${admin.httpUrl}/#token=root\n`])
  expect(notes).toContain('keep it to yourself')
})

test('a script gets the address for others as well', async () => {
  const { out } = await hedgerow('dashboard --json')
  expect(JSON.parse(out)).toEqual({
    region: 'meadow',
    url: `${admin.httpUrl}/`,
    publicUrl: 'http://hedge.example:8717/',
  })
})

test('no address is printed that nobody answers at', async () => {
  await admin.close()
  const { code, out } = await hedgerow('dashboard --token')
  expect([code === EXIT.ok, out]).toEqual([false, ''])
})
