import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { disputeList } from '../../../cli/commands/dispute-list.ts'
import { disputeOpen } from '../../../cli/commands/dispute-open.ts'
import { disputeShow } from '../../../cli/commands/dispute-show.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { saveSubmitterToken } from '../../../cli/state.ts'
import type { Dispute } from '../../../coordinator/http/dispute-api.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { type FakeAdmin, JOB_ID, jobOf, startFakeAdmin } from './fake-admin.ts'
import { fakeIo } from './fake-io.ts'

const COMMANDS = [disputeOpen, disputeList, disputeShow]
const ID = 'hbbk3g7bngxncomv'
const tempDir = tempDirs()

const disputeOf = (more: Partial<Dispute> = {}): Dispute => ({
  id: ID,
  state: 'open',
  stage: 'second_look',
  submitter: 'me',
  account: 'submitter:me',
  depositMicro: '60000',
  reason: '17 is prime',
  detail: '',
  lease: 4711,
  job: JOB_ID,
  campaign: null,
  windowMs: null,
  sensor: null,
  openedAtMs: 1_700_000_000_000,
  endedAtMs: null,
  ...more,
})

let admin: FakeAdmin
let cwd: string

beforeEach(async () => {
  admin = await startFakeAdmin()
  cwd = tempDir()
  admin.admitTo(join(cwd, '.hedgerow'))
  saveSubmitterToken(join(cwd, '.hedgerow'), 'me', 'mine')
})

afterEach(() => admin.close())

async function hedgerow(words: string[], answers: FakeAdmin['answers'] = {}) {
  admin.answers = answers
  const io = fakeIo({ cwd })
  return { code: await run(words, io, COMMANDS), ...io }
}

test('opens a dispute about a lease, for the operator or a submitter', async () => {
  const words = ['dispute', 'open', '--lease', '4711', '--reason', '17 is prime']
  const opened = await hedgerow(words, { 'POST /api/disputes': disputeOf() })
  expect(opened.code).toBe(EXIT.ok)
  expect(opened.stdout.text()).toContain(
    `Dispute ${ID} open: lease 4711 of job ${JOB_ID}, with a deposit of 0.06 cr of submitter:me.`,
  )
  expect(opened.stderr.text()).toContain(`'hedgerow dispute show ${ID}'`)
  expect(admin.calls.map(({ token, body }) => [token, JSON.parse(body)])).toEqual([
    ['root', { lease: 4711, reason: '17 is prime' }],
  ])
  const own = await hedgerow([...words, '--as', 'me', '--json'], { 'POST /api/disputes?submitter=me': disputeOf() })
  expect([own.code, JSON.parse(own.stdout.text())]).toEqual([EXIT.ok, disputeOf()])
  expect(admin.calls.at(-1)?.token).toBe('mine')
})

test('opens a dispute about a unit of a job or a verdict', async () => {
  const unit = { 'GET /api/jobs': [jobOf()], 'POST /api/disputes': disputeOf() }
  await hedgerow(['dispute', 'open', '--job', 'words', '--unit', '0'], unit)
  expect(JSON.parse(admin.calls.at(-1)?.body ?? '')).toEqual({ job: JOB_ID, unit: 0, reason: '' })
  const sensor = { id: '3f2a00112233aabb', serial: 's1', deviceLabel: 'roof', model: 'sds011' }
  const verdict = { 'GET /api/sensors': [sensor], 'POST /api/disputes': disputeOf({ lease: null, job: null }) }
  await hedgerow(
    ['dispute', 'open', '--campaign', JOB_ID, '--window', '2026-06-01T10:05Z', '--sensor', 'roof/sds011'],
    verdict,
  )
  expect(JSON.parse(admin.calls.at(-1)?.body ?? '')).toEqual({
    campaign: JOB_ID,
    window: Date.UTC(2026, 5, 1, 10, 5),
    sensor: sensor.id,
    reason: '',
  })
})

test.each([
  [[]],
  [['--lease', '1', '--job', 'words', '--unit', '1']],
  [['--job', 'words']],
  [['--campaign', 'c', '--sensor', 's']],
])('asks what is disputed when it is told %j', async words => {
  const failed = await hedgerow(['dispute', 'open', ...words])
  expect(failed.code).toBe(EXIT.usage)
  expect(failed.stderr.text()).toContain('say what is wrong: --lease N, --job JOB --unit N, or --campaign')
  expect(admin.calls).toEqual([])
})

test('lists disputes', async () => {
  const disputes = [
    disputeOf({ state: 'upheld', stage: null }),
    disputeOf({ lease: null, job: null, campaign: 'c1', sensor: 's1', windowMs: 1_700_000_000_000 }),
  ]
  const listed = await hedgerow(['dispute', 'list'], { 'GET /api/disputes': disputes })
  expect(listed.stdout.text()).toMatch(/upheld {2}lease 4711 of job abcdefgh234567ab/)
  expect(listed.stdout.text()).toContain('sensor s1 at 2023-11-14 22:13:20 UTC in campaign c1')
  const none = await hedgerow(['dispute', 'list', '--as', 'me'], { 'GET /api/disputes': [] })
  expect([none.code, none.stderr.text()]).toEqual([EXIT.ok, 'Nothing has been disputed yet.\n'])
})

test('shows how a dispute stands', async () => {
  const explained = { summary: `Dispute ${ID} is open.`, reasons: ['0.06 credits were set aside for it.'], facts: {} }
  const shown = await hedgerow(['dispute', 'show', ID], { [`GET /api/disputes/${ID}/explain`]: explained })
  expect(shown.stdout.text()).toBe(`Dispute ${ID} is open.\n- 0.06 credits were set aside for it.\n`)
})
