/** A region is copied while it works, and started again from the copy. */
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createAdminClient } from '../../cli/admin-client.ts'
import { auditRegion } from '../../cli/audit-region.ts'
import { run } from '../../cli/run.ts'
import { startCoordinator } from '../../coordinator/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { echoed, echoJob } from '../support/echo-jobs.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { MEADOW, TestRegion } from '../support/test-region.ts'
import { fakeIo } from '../unit/cli/fake-io.ts'

const makeDir = tempDirs()

/** What backup and restore print, as far as it is looked at. */
interface Said {
  folder: string
  region: string
  blobs: number
  blobsNew: number
  removed: string[]
  audit: { ok: boolean }
}

/** Runs a command as a person would. The clock is that of a backup's name. */
async function hedgerow(
  words: string[],
  wallMs = Date.UTC(2026, 0, 31, 12),
): Promise<{ code: number; json: Said; errors: string }> {
  const io = { ...fakeIo(), clock: { ...systemClock, wallMs: () => wallMs } }
  const code = await run([...words, '--json'], io)
  const text = io.stdout.text().trim()
  return { code, json: text === '' ? null : JSON.parse(text), errors: io.stderr.text() }
}

const later = (minutes: number): number => Date.UTC(2026, 0, 31, 12, minutes)

async function finishedJob(region: TestRegion, units: number): Promise<string> {
  const lab = await region.bare(`lab-${units}`)
  const { body } = await lab.submit(echoJob(units))
  const { base64 } = await lab.result(body.job)
  expect(Buffer.from(base64, 'base64').toString()).toBe(echoed(units))
  return body.job
}

test('a running region is copied, and another starts from the copy with the same books', async () => {
  const to = join(makeDir(), 'backups')
  const restored = makeDir()
  let job: string
  {
    await using region = await TestRegion.start()
    await region.join('ann')
    job = await finishedJob(region, 20)
    const { code, json } = await hedgerow(['backup', to, '--state', region.dir])
    expect({ code, region: json.region, blobsNew: json.blobsNew > 0 }).toEqual({
      code: 0,
      region: MEADOW,
      blobsNew: true,
    })
    expect(json.folder).toBe(join(to, '2026-01-31T12-00-00Z'))
    expect(readdirSync(region.stateDir)).not.toContain('ledger-snapshot.sqlite')
  }
  const { code, json } = await hedgerow(['restore', to, '--state', restored])
  expect({ code, ok: json.audit.ok, region: json.region }).toEqual({ code: 0, ok: true, region: MEADOW })
  const coordinator = await startCoordinator({
    stateDir: join(restored, 'coordinator'),
    name: MEADOW,
    mqttPort: 0,
    httpPort: 0,
    portFallback: true,
    onFatal: error => {
      throw error
    },
  })
  try {
    const api = createAdminClient(coordinator.httpUrl, coordinator.adminToken)
    expect(await api.job(job)).toMatchObject({ state: 'done', unitsVerified: 20 })
    expect(new TextDecoder().decode(await (await api.jobResult(job)).bytes())).toBe(echoed(20))
    expect(await auditRegion(api, systemClock, new AbortController().signal)).toMatchObject({ ok: true })
  } finally {
    await coordinator.close()
  }
})

test('backups share their blobs, and the oldest go', async () => {
  const to = join(makeDir(), 'backups')
  await using region = await TestRegion.start()
  await region.join('ann')
  await finishedJob(region, 5)
  const first = await hedgerow(['backup', to, '--state', region.dir, '--keep', '2'], later(0))
  const second = await hedgerow(['backup', to, '--state', region.dir, '--keep', '2'], later(1))
  expect(second.json).toMatchObject({ blobs: first.json.blobs, blobsNew: 0, removed: [] })
  const third = await hedgerow(['backup', to, '--state', region.dir, '--keep', '2'], later(2))
  expect(third.json.removed).toEqual(['2026-01-31T12-00-00Z'])
  expect(readdirSync(to).sort()).toEqual(['2026-01-31T12-01-00Z', '2026-01-31T12-02-00Z', 'blobs'])
})

test('a region that is stopped is copied too, readable by its user only', async () => {
  const to = join(makeDir(), 'backups')
  await using region = await TestRegion.start()
  await region.stopCoordinator()
  const { code, json } = await hedgerow(['backup', to, '--state', region.dir])
  expect({ code, region: json.region }).toEqual({ code: 0, region: MEADOW })
  const files = readdirSync(json.folder)
  expect(files).toEqual(
    expect.arrayContaining(['ledger.sqlite', 'region.key', 'witness.key', 'log-head.json', 'backup.json']),
  )
  for (const name of ['region.key', 'backup.json']) expect(statSync(join(json.folder, name)).mode & 0o077).toBe(0)
  expect(statSync(json.folder).mode & 0o077).toBe(0)
})

test('a copy that was changed is laid out, and the audit says so', async () => {
  const to = join(makeDir(), 'backups')
  await using region = await TestRegion.start()
  await region.join('ann')
  await finishedJob(region, 20)
  const { json } = await hedgerow(['backup', to, '--state', region.dir])
  const path = join(json.folder, 'ledger.sqlite')
  const bytes = readFileSync(path)
  const at = bytes.indexOf('submitter:lab-20')
  expect(at).toBeGreaterThan(0)
  bytes.write('submitter:lab-21', at)
  writeFileSync(path, bytes)
  const restored = await hedgerow(['restore', to, '--state', makeDir()])
  expect(restored.code).toBe(1)
  truncateSync(path, 5_000)
  expect((await hedgerow(['restore', to, '--state', makeDir()])).code).toBe(1)
})

test('wrong folders are told apart, and nothing is written over', async () => {
  const empty = makeDir()
  expect((await hedgerow(['backup', join(empty, 'b'), '--state', empty])).errors).toMatch(
    /no coordinator's database in .*--state/,
  )
  expect((await hedgerow(['restore', empty, '--state', makeDir()])).errors).toMatch(/There is no backup in/)
  await using region = await TestRegion.start()
  const to = join(makeDir(), 'backups')
  await hedgerow(['backup', to, '--state', region.dir])
  expect((await hedgerow(['restore', to, '--state', region.dir])).errors).toMatch(/there is something in it already/)
  writeFileSync(join(to, '2026-01-31T12-00-00Z', 'backup.json'), '{')
  expect((await hedgerow(['restore', to, '--state', makeDir()])).errors).toMatch(/Take another one/)
})
