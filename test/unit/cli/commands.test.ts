import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { readSubmitterTokens, saveSubmitterToken } from '../../../cli/state.ts'
import { LIMITS } from '../../../protocol/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { DEVICE_ID, deviceOf, type FakeAdmin, JOB_ID, jobOf, startFakeAdmin } from './fake-admin.ts'
import { type FakeIo, fakeIo } from './fake-io.ts'

const tempDir = tempDirs()
const explanation = { summary: 'It waits.', reasons: ['No job is running.'], facts: { owner: 'alice', slots: 1 } }
const answer = 'a\t1\n'
const result = {
  sha256: createHash('sha256').update(answer).digest('hex'),
  bytes: answer.length,
  mediaType: 'text/plain',
} as NonNullable<ReturnType<typeof jobOf>['result']>
const done = jobOf({ state: 'done', unitsVerified: 1_234, finishedAtMs: 1_700_000_002_500, result })

let admin: FakeAdmin
let cwd: string

beforeEach(async () => {
  admin = await startFakeAdmin()
  cwd = tempDir()
  admin.admitTo(join(cwd, '.hedgerow'))
  saveSubmitterToken(join(cwd, '.hedgerow'), 'me', 'mine')
})

afterEach(() => admin.close())

async function hedgerow(
  line: string,
  answers: FakeAdmin['answers'],
  isTTY = false,
): Promise<FakeIo & { code: number }> {
  admin.answers = answers
  const io = fakeIo({ cwd, isTTY })
  const code = await run(line.split(' '), io)
  return { ...io, code }
}

describe('each command asks its route and shows the answer', () => {
  const submitter = { name: 'me', createdAtMs: 1_700_000_000_000, balanceMicro: '12500000' }
  const placements = {
    job: JOB_ID,
    leases: [
      {
        id: 7,
        device: DEVICE_ID,
        owner: 'ann',
        firstUnit: 0,
        units: 10,
        state: 'out',
        speculative: false,
        issuedAtMs: 0,
        why: 'It got fresh units, since it had asked for work.',
      },
    ],
    exclusions: [{ device: DEVICE_ID, owner: 'bob', reason: 'the task needs 9 MiB and it offers 1', atMs: 0 }],
    passes: [{ kind: 'late', reason: 'it is slow', times: 41, firstAtMs: 0, lastAtMs: 0, secondLook: false }],
  }
  const account = { id: 'submitter:me', debitsMicro: '0', creditsMicro: '5', balanceMicro: '5' }
  test.each([
    [
      'claim new --owner alice',
      'POST /api/claims',
      { id: 'x', code: 'hedgerow-claim:1:abc', expiresAtMs: 0 },
      'hedgerow-claim:1:abc',
    ],
    ['device list', 'GET /api/devices', [deviceOf()], /kitchen {2}alice {2}online +1,000 +0 +2 {2}1.25 cr/],
    ['device list', 'GET /api/devices', [deviceOf({ standing: 'caught' })], /caught/],
    ['device list', 'GET /api/devices', [deviceOf({ online: false })], /offline/],
    ['device list', 'GET /api/devices', [deviceOf({ lastReason: 'too hot' })], /REASON\n.* waiting .* too hot\n/],
    [
      `device explain ${DEVICE_ID}`,
      `GET /api/devices/${DEVICE_ID}/explain`,
      explanation,
      /It waits\.\n- No job is running\.\n\nowner {2}alice/,
    ],
    [`device revoke ${DEVICE_ID} --reason sold`, `POST /api/devices/${DEVICE_ID}/revoke`, deviceOf(), 'is revoked'],
    [`device reinstate ${DEVICE_ID}`, `POST /api/devices/${DEVICE_ID}/reinstate`, deviceOf(), 'may work again'],
    ['device list', 'GET /api/devices', [deviceOf({ drainReason: 'moves house' })], /draining/],
    [
      `device drain ${DEVICE_ID} --reason sold`,
      `POST /api/devices/${DEVICE_ID}/drain`,
      deviceOf({ drainReason: 'sold' }),
      'gets no more leases. It still holds 2.',
    ],
    [
      `device drain ${DEVICE_ID} --undo`,
      `POST /api/devices/${DEVICE_ID}/undrain`,
      deviceOf({ leasesOut: 0 }),
      'gets leases again',
    ],
    ['maintenance --reason disk', 'POST /api/maintenance', { maintenance: 'disk' }, 'No work is handed out until'],
    ['maintenance --end', 'POST /api/maintenance/end', { maintenance: null }, 'Work is handed out again'],
    [
      `job placements ${JOB_ID}`,
      `GET /api/jobs/${JOB_ID}/placements`,
      placements,
      /7 +abcdefgh +ann +0-9 +out +It got fresh units[\s\S]*PASSED OVER[\s\S]*bob[\s\S]*offers 1[\s\S]*41 .*late +it is slow/,
    ],
    ['submitter list', 'GET /api/submitters', [submitter], /me +12.5 cr {2}2023-11-14/],
    ['fund me 12.5', 'POST /api/submitters/me/fund', submitter, 'me now has 12.5 cr.'],
    ['job list', 'GET /api/jobs', [jobOf()], /running +617\/1,234 {2}1.23 gigafuel {2}0.0617 cr/],
    [`job explain ${JOB_ID}`, `GET /api/jobs/${JOB_ID}/explain`, explanation, 'It waits.'],
    [
      `job cancel ${JOB_ID}`,
      `POST /api/jobs/${JOB_ID}/cancel`,
      jobOf({ state: 'cancelled' }),
      'is cancelled; it cost 0.0617 cr',
    ],
    [
      `job watch ${JOB_ID}`,
      `GET /api/jobs/${JOB_ID}`,
      done,
      /done in 3 s: 1,234 of 1,234 units verified, 1.23 gigafuel, cost 0.0617 cr/,
    ],
    ['payment explain 3f2a', 'GET /api/payments/3f2a', explanation, 'It waits.'],
    ['ledger balance', 'GET /api/ledger', { accounts: [account], transfers: 3 }, 'submitter:me'],
    [
      'ledger balance submitter:me',
      'GET /api/ledger?account=submitter%3Ame',
      { accounts: [account], transfers: 3 },
      '0.000005 cr',
    ],
  ])('%s', async (line, route, reply, shown) => {
    const words = await hedgerow(line, { [route]: reply })
    expect(words.code, words.stderr.text()).toBe(EXIT.ok)
    expect(words.stdout.text()).toMatch(shown)
    const { route: asked, token } = admin.calls[0] ?? {}
    expect({ asked, token }).toEqual({ asked: route, token: 'root' })
    const json = await hedgerow(`${line} --json`, { [route]: reply })
    expect(JSON.parse(json.stdout.text())).toEqual(reply)
    expect(json.stdout.text().endsWith('\n')).toBe(true)
  })
})

test('amounts travel as micro-credits, times as milliseconds', async () => {
  const token = { name: 'you', token: 'yours' }
  await hedgerow('submitter add you --fund 1.25', { 'POST /api/submitters': { status: 201, json: token } })
  await hedgerow('fund you 0.000001', { 'POST /api/submitters/you/fund': { balanceMicro: '1' } })
  await hedgerow('claim new --owner alice --expires 7d', { 'POST /api/claims': { expiresAtMs: 0 } })
  expect(admin.calls.map(({ body }) => JSON.parse(body))).toEqual([
    { name: 'you', fundMicro: '1250000' },
    { amountMicro: '1' },
    { owner: 'alice', lifetimeMs: 604_800_000 },
  ])
  expect(readSubmitterTokens(join(cwd, '.hedgerow'))).toEqual({ me: 'mine', you: 'yours' })
})

test.each([
  ['claim new', '--owner is missing'],
  ['claim new --owner a --expires 40d', '--expires must be a time up to 30d'],
  ['fund me 0', 'CREDITS must be more than zero'],
  ['job submit job.yaml --out x', '--out needs --watch'],
])('%s is a usage error', async (line, message) => {
  const { code, stderr } = await hedgerow(line, {})
  expect(code).toBe(EXIT.usage)
  expect(stderr.text()).toContain(message)
  expect(admin.calls).toEqual([])
})

test('a device is found by label or by the beginning of its id', async () => {
  const answers = {
    'GET /api/devices': [deviceOf(), deviceOf({ id: 'zzzz', label: 'attic' })],
    [`GET /api/devices/${DEVICE_ID}/explain`]: explanation,
  }
  expect((await hedgerow('device explain kitchen', answers)).code).toBe(EXIT.ok)
  expect((await hedgerow('device explain abcd', answers)).code).toBe(EXIT.ok)
  expect((await hedgerow('device explain cellar', answers)).stderr.text()).toContain("There is no device 'cellar'")
})

test('a refusal is told in the coordinator’s words, silence with what to do', async () => {
  const refused = { status: 403, json: { error: { code: 'not_allowed', message: 'Use the admin token.' } } }
  const no = await hedgerow('device list', { 'GET /api/devices': refused })
  expect([no.code, no.stderr.text()]).toEqual([EXIT.failure, 'hedgerow: Use the admin token.\n'])
  await admin.close()
  const silent = await hedgerow('device list --json', {})
  expect(silent.code).toBe(EXIT.unreachable)
  expect(silent.stderr.text()).toContain("start it with 'hedgerow up'")
  expect(JSON.parse(silent.stdout.text())).toMatchObject({ ok: false, error: { code: 'unreachable' } })
  admin = await startFakeAdmin()
})

describe('job submit', () => {
  const large = 'word\n'.repeat(LIMITS.inlineBytesMax / 4)
  const largeHash = createHash('sha256').update(large).digest('hex')
  const JOB_FILE = `
task: {module: ./task.wasm}
split: {kind: blob, source: ./large.txt, by: lines, size: 10}
aggregate: {kind: concat}
`
  beforeEach(() => {
    writeFileSync(join(cwd, 'task.wasm'), 'module')
    writeFileSync(join(cwd, 'large.txt'), large)
    writeFileSync(join(cwd, 'job.yaml'), JOB_FILE)
  })

  const accepting = (job: object): FakeAdmin['answers'] => ({
    [`HEAD /blob/${largeHash}`]: { status: 404, json: {} },
    [`PUT /blob/${largeHash}`]: { status: 201, json: {} },
    'POST /api/jobs': { status: 201, json: job },
    [`GET /api/jobs/${JOB_ID}`]: job,
    [`GET /api/jobs/${JOB_ID}/result`]: Buffer.from(answer),
  })

  test('uploads what is large, then submits as the only submitter', async () => {
    const { code, stdout, stderr } = await hedgerow('job submit job.yaml --budget 2', accepting(jobOf()))
    expect(code, stderr.text()).toBe(EXIT.ok)
    expect(stdout.text()).toBe(`${JOB_ID}\n`)
    expect(admin.calls.map(({ route }) => route.split(' ')[0])).toEqual(['HEAD', 'PUT', 'POST'])
    expect(admin.calls[1]).toMatchObject({ token: 'mine', body: large })
    expect(admin.calls[2]?.token).toBe('mine')
    expect(JSON.parse(admin.calls[2]?.body ?? '')).toMatchObject({
      budgetMicro: '2000000',
      split: { source: { sha256: largeHash } },
    })
  })

  test('watches and writes the answer', async () => {
    const { code, stdout, stderr } = await hedgerow('job submit job.yaml --watch --out answer.txt', accepting(done))
    expect(code, stderr.text()).toBe(EXIT.ok)
    expect(stdout.text()).toContain('answer.txt: 4 B of text/plain')
    expect(readFileSync(join(cwd, 'answer.txt'), 'utf8')).toBe(answer)
  })

  test('watches and prints the answer, but not pages of it on a terminal', async () => {
    const piped = await hedgerow('job submit job.yaml --watch', accepting(done))
    expect([piped.code, piped.stdout.text()]).toEqual([EXIT.ok, answer])
    expect(piped.stderr.text()).toContain('done in 3 s')
    const long = { ...done, result: { ...result, bytes: LIMITS.inlineBytesMax + 1 } }
    const shown = await hedgerow('job submit job.yaml --watch', accepting(long), true)
    expect([shown.code, shown.stdout.text()]).toEqual([EXIT.ok, ''])
    expect(shown.stderr.text()).toContain(`hedgerow job result ${JOB_ID}`)
    const json = await hedgerow('job submit job.yaml --watch --json', accepting(done))
    expect(JSON.parse(json.stdout.text())).toEqual(done)
  })

  test('of a job that fails exits with its own code', async () => {
    const failed = jobOf({ state: 'failed', reason: 'Unit 3 trapped.', finishedAtMs: 1_700_000_000_100 })
    const { code, stdout } = await hedgerow('job submit job.yaml --watch', accepting(failed))
    expect(code).toBe(EXIT.jobFailed)
    expect(stdout.text()).toContain('Unit 3 trapped.')
  })

  test('sends nothing when the file is wrong, or only to be checked', async () => {
    expect((await hedgerow('job submit job.yaml --check', {})).stdout.text()).toBe('job.yaml is a valid job.\n')
    writeFileSync(join(cwd, 'job.yaml'), JOB_FILE.replace('size: 10', 'size: 0'))
    const wrong = await hedgerow('job submit job.yaml --json', {})
    expect(wrong.code).toBe(EXIT.failure)
    expect(wrong.stderr.text()).toContain("job.yaml, line 3: The job's 'split.size'")
    expect(JSON.parse(wrong.stdout.text())).toMatchObject({ ok: false, error: { code: 'bad_job' } })
    expect(admin.calls).toEqual([])
  })
})

describe('job result', () => {
  const answers = { [`GET /api/jobs/${JOB_ID}`]: done, [`GET /api/jobs/${JOB_ID}/result`]: Buffer.from(answer) }
  const line = `job result ${JOB_ID}`

  test('is exactly the bytes, or JSON with them', async () => {
    expect((await hedgerow(line, answers)).stdout.text()).toBe(answer)
    const json = JSON.parse((await hedgerow(`${line} --json`, answers)).stdout.text())
    expect(json).toEqual({ id: JOB_ID, state: 'done', ...result, text: answer })
  })

  test('of arbitrary bytes is base64 in JSON, an address when large, and not for a terminal', async () => {
    const bytes = Buffer.from([0xff, 0])
    const binary = {
      ...result,
      mediaType: 'application/cbor',
      bytes: 2,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    }
    const job = { ...done, result: binary }
    const some = { [`GET /api/jobs/${JOB_ID}`]: job, [`GET /api/jobs/${JOB_ID}/result`]: bytes }
    expect(JSON.parse((await hedgerow(`${line} --json`, some)).stdout.text())).toMatchObject({ base64: '/wA=' })
    const onTerminal = await hedgerow(line, some, true)
    expect([onTerminal.code, onTerminal.stdout.text()]).toEqual([EXIT.failure, ''])
    expect(onTerminal.stderr.text()).toContain('--out FILE')
    const large = { ...job, result: { ...binary, bytes: LIMITS.inlineBytesMax + 1 } }
    const url = JSON.parse((await hedgerow(`${line} --json`, { [`GET /api/jobs/${JOB_ID}`]: large })).stdout.text())
    expect(url).toMatchObject({ url: `${admin.httpUrl}/blob/${binary.sha256}` })
  })

  test('damaged on its way leaves no file', async () => {
    const { code, stderr } = await hedgerow(`${line} --out answer.txt`, {
      ...answers,
      [`GET /api/jobs/${JOB_ID}/result`]: Buffer.from('a\t2\n'),
    })
    expect(code).toBe(EXIT.failure)
    expect(stderr.text()).toContain('SHA-256 differs')
    expect(readdirSync(cwd).filter(name => name.startsWith('answer'))).toEqual([])
  })

  test.each([
    ['running', EXIT.failure, 'is not done. Wait for it'],
    ['failed', EXIT.jobFailed, 'has no answer, it failed: Trapped.'],
    ['cancelled', EXIT.jobFailed, 'has no answer, it was cancelled: Trapped.'],
  ] as const)('of a %s job is a sentence', async (state, code, words) => {
    const job = jobOf({ state, reason: 'Trapped.' })
    const { code: exit, stderr } = await hedgerow(`${line} --out x`, { [`GET /api/jobs/${JOB_ID}`]: job })
    expect(exit).toBe(code)
    expect(stderr.text()).toContain(words)
    expect(existsSync(join(cwd, 'x'))).toBe(false)
  })
})
