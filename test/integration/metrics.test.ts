/** What a running region tells Prometheus, and the Grafana dashboard that is made for it. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { echoJob } from '../support/echo-jobs.ts'
import { eventually } from '../support/eventually.ts'
import { type ReadFamily, readExposition } from '../support/read-exposition.ts'
import { TestRegion } from '../support/test-region.ts'

interface Panel {
  id: number
  type: string
  title: string
  gridPos: { h: number; w: number; x: number; y: number }
  fieldConfig?: { defaults: { unit?: string } }
  targets?: { expr: string; legendFormat: string; refId: string }[]
}

interface Dashboard {
  schemaVersion: number
  panels: Panel[]
  templating: { list: { name: string; query: unknown; definition?: string }[] }
}

const root = join(import.meta.dirname, '../..')
let region: TestRegion
let families: Map<string, ReadFamily>

const scrape = async (headers: Record<string, string> = {}) =>
  fetch(`${region.coordinator.httpUrl}/metrics`, { headers })

beforeAll(async () => {
  region = await TestRegion.start()
  await region.joinAll('ada', 'bob')
  const submitter = await region.submitter('lab')
  await (await submitter.submit(echoJob(30))).result()
  await eventually('the log is signed', async () =>
    /hedgerow_checkpoint_age_seconds \d/.test(await (await scrape()).text()),
  )
  await fetch(`${region.coordinator.httpUrl}/nowhere`)
  families = readExposition(await (await scrape()).text())
})

afterAll(async () => {
  await region[Symbol.asyncDispose]()
})

const value = (name: string, labels: Record<string, string> = {}) =>
  families
    .get(name)
    ?.samples.find(
      one => one.name === name && Object.entries(labels).every(([label, text]) => one.labels[label] === text),
    )?.value

test('counts the work that was done', () => {
  expect(value('hedgerow_devices', { standing: 'joined', state: 'ready' })).toBe(2)
  expect(value('hedgerow_units_verified_total')).toBe(30)
  expect(value('hedgerow_fuel_verified_total')).toBeGreaterThan(0)
  expect([value('hedgerow_jobs_total', { event: 'taken' }), value('hedgerow_jobs_total', { event: 'done' })]).toEqual([
    1, 1,
  ])
  expect(value('hedgerow_leases_total', { state: 'accepted' })).toBeGreaterThan(0)
  expect(value('hedgerow_results_total', { outcome: 'used' })).toBeGreaterThan(0)
  expect(value('hedgerow_connections')).toBe(3)
  expect(value('hedgerow_paid_credits_total')).toBeGreaterThan(0)
  const wait = families.get('hedgerow_job_queue_wait_seconds')?.samples.find(({ name }) => name.endsWith('_count'))
  expect(wait?.value).toBe(1)
})

test('measures the process, the disk and the commits', () => {
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
  expect(value('hedgerow_ledger_bytes')).toBeGreaterThan(0)
  expect(value('hedgerow_disk_free_bytes')).toBeGreaterThan(0)
  expect(value('hedgerow_event_loop_delay_seconds', { quantile: '0.99' })).toBeGreaterThanOrEqual(0)
  expect(value('hedgerow_log_signed_entries')).toBeGreaterThan(3)
  expect(
    families.get('hedgerow_commit_rows')?.samples.find(({ name }) => name.endsWith('_sum'))?.value,
  ).toBeGreaterThan(10)
})

test('counts requests by kind, whatever paths people think of', async () => {
  // With the one that was asked for before.
  for (let i = 0; i < 50; i++) await (await fetch(`${region.coordinator.httpUrl}/api/nonsense-${i}`)).text()
  const again = readExposition(await (await scrape()).text()).get('hedgerow_http_requests_total')
  expect(new Set(again?.samples.map(({ labels }) => labels.route)).size).toBeLessThan(20)
  expect(again?.samples.find(({ labels }) => labels.route === 'other')?.value).toBe(51)
})

test('are bounded: a scrape of a small region is small', async () => {
  const text = await (await scrape()).text()
  expect(text.length).toBeLessThan(64_000)
})

test('are shown from elsewhere with the token that is kept in the folder, readable by its user alone', async () => {
  const path = join(region.stateDir, 'metrics.token')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const elsewhere = { 'x-forwarded-for': '203.0.113.7' }
  expect((await scrape(elsewhere)).status).toBe(401)
  expect((await scrape({ ...elsewhere, authorization: `Bearer ${readFileSync(path, 'utf8')}` })).status).toBe(200)
})

describe('the dashboard', () => {
  const dashboard = JSON.parse(readFileSync(join(root, 'docs/grafana/hedgerow.json'), 'utf8')) as Dashboard
  const charts = dashboard.panels.filter(({ type }) => type !== 'row')
  const asks = [
    ...charts.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...dashboard.templating.list.flatMap(({ definition }) => definition ?? []),
  ]

  test('asks only for what a running region exports', () => {
    const exported = new Set(
      [...families].flatMap(([name, { type }]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    )
    const asked = asks.flatMap(expr => expr.match(/\b(?:hedgerow|process|nodejs)_\w+/g) ?? [])
    expect(asked.length).toBeGreaterThan(40)
    expect(asked.filter(name => !exported.has(name))).toEqual([])
  })

  test('asks by labels that there are', () => {
    const labels = new Set(
      [...families.values()].flatMap(({ samples }) => samples.flatMap(one => Object.keys(one.labels))),
    )
    const by = asks.flatMap(expr =>
      [...expr.matchAll(/by \(([^)]+)\)/g)].flatMap(([, names = '']) => names.split(', ')),
    )
    expect(by.filter(label => !labels.has(label))).toEqual([])
  })

  test('has a unit, a title and a query on every panel, and none lies on another', () => {
    for (const { title, type, targets = [], fieldConfig } of charts) {
      expect(['stat', 'timeseries'], title).toContain(type)
      expect(fieldConfig?.defaults.unit, title).toBeTruthy()
      expect(targets.length, title).toBeGreaterThan(0)
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length)
    }
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const places = dashboard.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    )
    expect(new Set(places).size).toBe(places.length)
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24)
  })

  test('the documentation has every metric, and no other', () => {
    const text = readFileSync(join(root, 'docs/operations-metrics.md'), 'utf8')
    const documented = new Set([...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name))
    expect([...families.keys()].filter(name => !documented.has(name))).toEqual([])
    expect([...documented].filter(name => !families.has(name))).toEqual([])
  })
})
