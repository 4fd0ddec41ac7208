import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { jobDoubts } from '../../../cli/commands/job-doubts.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { saveSubmitterToken } from '../../../cli/state.ts'
import type { JobDoubts } from '../../../coordinator/http/doubts-api.ts'
import { toBase64, utf8 } from '../../../protocol/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { type FakeAdmin, JOB_ID, jobOf, startFakeAdmin } from './fake-admin.ts'
import { fakeIo } from './fake-io.ts'

const tempDir = tempDirs()
const sha256 = 'ab'.repeat(32)

const DOUBTS: JobDoubts = {
  job: JOB_ID,
  suspect: [{ firstUnit: 40, units: 1_000 }],
  wrong: [
    { firstUnit: 3, units: 2 },
    { firstUnit: 9, units: 1 },
  ],
  right: [
    { unit: 3, outcome: 'ok', fuel: 12_345, bytes: 3, sha256, base64: toBase64(utf8('6\n\u001b')) },
    { unit: 4, outcome: 'ok', fuel: 7, bytes: 20_000, sha256 },
    { unit: 9, outcome: 'trap', fuel: 1, detail: 'unreachable' },
  ],
}

let admin: FakeAdmin
let cwd: string

beforeEach(async () => {
  admin = await startFakeAdmin()
  cwd = tempDir()
  admin.admitTo(join(cwd, '.hedgerow'))
  saveSubmitterToken(join(cwd, '.hedgerow'), 'me', 'mine')
})

afterEach(() => admin.close())

async function hedgerow(words: string[], doubts: JobDoubts) {
  admin.answers = { 'GET /api/jobs': [jobOf()], [`GET /api/jobs/${JOB_ID}/doubts`]: doubts }
  const io = fakeIo({ cwd })
  return { code: await run(['job', 'doubts', ...words], io, [jobDoubts]), out: io.stdout.text() }
}

test('[VERIFY-2.6] [DISP-3.6] shows what cannot be relied on, and what is right', async () => {
  const { code, out } = await hedgerow([JOB_ID, '--as', 'me'], DOUBTS)
  expect(code).toBe(EXIT.ok)
  expect(out).toContain('Suspect: 1,000 units (40-1039)\nWrong: 3 units (3-4, 9)\n')
  expect(out).toMatch(/3 +12,345 +6/)
  expect(out).toMatch(/4 +7 +20,000 bytes, sha256 abababababababab…/)
  expect(out).toMatch(/9 +1 +trap:unreachable/)
  expect(out).not.toContain('\u001b[')
  expect(admin.calls.at(-1)?.token).toBe('mine')
})

test('says so where nothing is in doubt, and gives programs all of it', async () => {
  const none: JobDoubts = { job: JOB_ID, suspect: [], wrong: [], right: [] }
  expect((await hedgerow([JOB_ID], none)).out).toBe('Suspect: none\nWrong: none\n')
  expect(JSON.parse((await hedgerow([JOB_ID, '--json'], DOUBTS)).out)).toEqual(DOUBTS)
})
