import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { reputationExport } from '../../../cli/commands/reputation-export.ts'
import { reputationImport } from '../../../cli/commands/reputation-import.ts'
import { reputationTrust } from '../../../cli/commands/reputation-trust.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import type { ReputationStatement } from '../../../coordinator/http/reputation-api.ts'
import { toBase64Url } from '../../../protocol/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { DEVICE_ID, deviceOf, type FakeAdmin, startFakeAdmin } from './fake-admin.ts'
import { fakeIo } from './fake-io.ts'

const tempDir = tempDirs()
const FRAME = Uint8Array.from({ length: 150 }, (_, index) => index)
const STATEMENT = toBase64Url(FRAME)
const REGION = 'b'.repeat(26)
let admin: FakeAdmin
let cwd: string

beforeEach(async () => {
  admin = await startFakeAdmin()
  cwd = tempDir()
  admin.admitTo(join(cwd, '.hedgerow'))
})

afterEach(() => admin.close())

async function hedgerow(line: string) {
  const io = fakeIo({ cwd })
  const code = await run(line.split(' '), io, [reputationExport, reputationImport, reputationTrust])
  return { ...io, code }
}

const said = (change: Partial<ReputationStatement> = {}): ReputationStatement => ({
  region: REGION,
  kind: 'device',
  subject: DEVICE_ID,
  checksPassed: 30,
  unitsAccepted: 900,
  unitsRejected: 0,
  credibility: 0.998,
  sinceMs: 1,
  atMs: 2,
  statement: STATEMENT,
  ...change,
})

describe('reputation export', () => {
  test('prints a text, or writes the bytes to a file', async () => {
    admin.answers = {
      'GET /api/devices': [deviceOf()],
      [`GET /api/reputation/devices/${DEVICE_ID}`]: said(),
    }
    const printed = await hedgerow('reputation export kitchen')
    expect(printed.stdout.text().trim()).toBe(STATEMENT)
    expect(printed.stderr.text()).toContain('30 checks passed, 0 units wrong')
    expect((await hedgerow('reputation export kitchen --out k.rep')).code).toBe(EXIT.ok)
    expect(new Uint8Array(readFileSync(join(cwd, 'k.rep')))).toEqual(FRAME)
  })

  test('speaks of an owner too, but of one subject at a time', async () => {
    admin.answers = { 'GET /api/reputation/owners/alice': said({ kind: 'owner', subject: 'alice' }) }
    expect((await hedgerow('reputation export --owner alice')).code).toBe(EXIT.ok)
    expect((await hedgerow('reputation export')).code).toBe(EXIT.usage)
    expect((await hedgerow('reputation export kitchen --owner alice')).code).toBe(EXIT.usage)
  })
})

describe('reputation import', () => {
  const imported = { region: REGION, device: DEVICE_ID, outcome: 'applied', checks: 15, credibility: 0.9973 }

  test.each([
    ['bytes', FRAME],
    ['a text', `${STATEMENT}\n`],
  ])('takes %s', async (_what, content) => {
    writeFileSync(join(cwd, 'k.rep'), content)
    admin.answers = { 'POST /api/reputation': imported }
    const { code, stdout } = await hedgerow('reputation import k.rep')
    expect(code).toBe(EXIT.ok)
    expect(stdout.text()).toContain('starts with 15 checks: credibility 0.9973')
    expect(admin.calls.map(({ body }) => JSON.parse(body))).toEqual([{ statement: STATEMENT }])
  })

  test('trusts the region first when it is told to, and says when a device has yet to join', async () => {
    writeFileSync(join(cwd, 'k.rep'), FRAME)
    admin.answers = {
      'POST /api/regions': { region: REGION, key: 'k', addedAtMs: 1 },
      'POST /api/reputation': { ...imported, outcome: 'waiting' },
    }
    const { stdout } = await hedgerow('reputation import k.rep --trust k')
    expect(stdout.text()).toContain('will start when it joins')
    expect(admin.calls.map(({ route }) => route)).toEqual(['POST /api/regions', 'POST /api/reputation'])
  })

  test('says what it cannot read, and what is refused', async () => {
    expect((await hedgerow('reputation import no.rep')).stderr.text()).toContain('The file no.rep cannot be read')
    writeFileSync(join(cwd, 'k.rep'), FRAME)
    const json = { error: { code: 'not_allowed', message: 'The region b is not trusted here.' } }
    admin.answers = { 'POST /api/reputation': { status: 403, json } }
    const refused = await hedgerow('reputation import k.rep')
    expect(refused.code).toBe(EXIT.failure)
    expect(refused.stderr.text()).toContain('is not trusted here')
  })
})

describe('reputation trust', () => {
  const trusted = { region: REGION, key: 'k', addedAtMs: 0 }

  test('lists, adds and takes away', async () => {
    admin.answers = {
      'GET /api/regions': [trusted],
      'POST /api/regions': trusted,
      [`POST /api/regions/${REGION}/distrust`]: trusted,
    }
    expect((await hedgerow('reputation trust')).stdout.text()).toContain(REGION)
    expect((await hedgerow('reputation trust k')).stdout.text()).toContain('is trusted.')
    expect((await hedgerow(`reputation trust --remove ${REGION}`)).stdout.text()).toContain('trusted no more')
    expect((await hedgerow(`reputation trust k --remove ${REGION}`)).code).toBe(EXIT.usage)
  })

  test('says what to do when there is none', async () => {
    admin.answers = { 'GET /api/regions': [] }
    expect((await hedgerow('reputation trust')).stderr.text()).toContain("'hedgerow reputation trust KEY' adds one")
  })
})
