/** What a running region really answers, held against its own OpenAPI document: every field is told of, and none is missing. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEarningsFolder, openIdentity } from '../../device/index.ts'
import { parseSensorsFile } from '../../hardware/config.ts'
import { encodeStatement, frameAad, regionIdOf, sign1 } from '../../protocol/index.ts'
import { systemRandom } from '../../protocol/node/index.ts'
import { echoJob } from '../support/echo-jobs.ts'
import { eventually } from '../support/eventually.ts'
import { TestRegion } from '../support/test-region.ts'

interface Media {
  schema: object
}

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, Media> }> }>>
}

const ajv = new Ajv2020({ strict: false, allErrors: true })
const START_MS = Math.floor((Date.now() - 3_600_000) / 60_000) * 60_000
const EPOCH_MS = 2_000
let region: TestRegion
let other: TestRegion
let document: Document
/** What stands for the names in paths. */
const known: Record<string, string> = {}
/** Routes that were asked, as `GET /api/jobs/{id}`. */
const asked = new Set<string>()

beforeAll(async () => {
  const policy = { checkpointMs: 200, receiptMs: 200, epochMs: EPOCH_MS, holdbackWindowMs: 4_000 }
  const coordinator = { openData: true, payout: { method: 'csv', minimumMicro: 1n } } as const
  region = await TestRegion.start({ policy, coordinator })
  other = await TestRegion.start({ policy: { checkpointMs: 200 } })
  document = (await (await fetch(`${region.coordinator.httpUrl}/api/openapi.json`)).json()) as Document
  ajv.addSchema(document, 'document')
  await prepare()
})

afterAll(async () => {
  await region[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

/** A region in which everything has happened once: work, pay, readings, a witness, a dispute. */
async function prepare(): Promise<void> {
  const { admin } = region
  const csv = join(region.dir, 'afternoon.csv')
  writeFileSync(csv, `t\n${Array.from({ length: 300 }, (_, i) => (20 + i / 100).toFixed(2)).join('\n')}\n`)
  const replay = {
    driver: 'replay',
    file: csv,
    columns: { temperature: 't' },
    periodMs: 1_000,
    startMs: START_MS,
    speed: 10_000,
    serial: 'logger',
  }
  const location = { latitude: 48.137, longitude: 11.575, elevation: 519 }
  const { device, stateDir } = await region.join('ada', { sensors: parseSensorsFile({ location, sensors: [replay] }) })
  const account = await region.account('town')
  const submitter = await region.connect(account)
  const handle = await submitter.submit(echoJob(20))
  await handle.result()
  const [job] = await admin.jobList({})
  const [lease] = (await admin.jobPlacements(job?.id ?? '')).leases
  const dispute = await admin.disputeOpen(null, { lease: lease?.id ?? 0 }, 'it looks odd')
  await eventually('the sensor is known', async () => (await admin.sensorList()).length === 1)
  const campaign = await admin.campaignSubmit('town', {
    name: 'afternoon',
    quantity: 'temperature',
    area: { box: [48, 11, 49, 12] },
    periodMs: 1_000,
    windowMs: 60_000,
    readingsPerFrame: 20,
    priceMicro: 20,
    startMs: START_MS - 60_000,
    durationMs: 7_200_000,
    latenessMs: 500,
  })
  const windows = await eventually('a window is judged', async () => {
    const found = await admin.campaignWindows(campaign.id, {})
    return found.some(({ readings }) => readings > 0) ? found : null
  })
  await other.admin.witnessAdd({ url: region.coordinator.httpUrl })
  await admin.witnessAdd({ url: other.coordinator.httpUrl })
  await eventually('the witness has cosigned', async () => (await admin.witnessList())[0]?.cosignedByThem !== null)
  const address = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
  await bringAddress(device.id, stateDir, address)
  const epochs = await eventually('an epoch has paid somebody', async () => {
    const found = (await admin.payoutList()).epochs.filter(({ payees }) => payees > 0)
    return found.length > 0 ? found : null
  })
  const judged = windows.find(({ readings }) => readings > 0)
  Object.assign(known, {
    device: device.id,
    job: job?.id,
    campaign: campaign.id,
    sensor: (await admin.sensorList())[0]?.id,
    window: `${judged?.fromMs}`,
    cell: judged?.cell,
    dispute: dispute.id,
    epoch: `${epochs[0]?.epoch}`,
    submitterToken: account.token,
    payment: await aPayment(),
    sha256: job?.result?.sha256,
  })
}

/** What an owner says of a device: where its earnings go. */
async function bringAddress(device: string, stateDir: string, address: string): Promise<void> {
  const earnings = openEarningsFolder(stateDir)
  const known = await eventually('the device knows its region', () => {
    try {
      return earnings.region()
    } catch {
      return null
    }
  })
  const identity = openIdentity(join(stateDir, 'device.key'), systemRandom)
  const context = {
    regionId: regionIdOf(known.regionKey),
    direction: 'up',
    device: identity.id,
    class: 'statement',
  } as const
  const bytes = new Uint8Array(Buffer.from(address.slice(2), 'hex'))
  const statement = encodeStatement({ kind: 'payout-address', seq: 1, address: bytes })
  const frame = sign1(statement, frameAad(context), identity.signer)
  const headers = { 'content-type': 'application/cose' }
  await check('POST', '/api/statements/{device}', { path: { device }, raw: Uint8Array.from(frame), headers })
}

/** The id of a payment, from the public log by way of its purpose. */
async function aPayment(): Promise<string> {
  const { DatabaseSync } = await import('node:sqlite')
  const { copyFileSync, existsSync, mkdirSync } = await import('node:fs')
  const copy = join(region.dir, 'copy')
  mkdirSync(copy, { recursive: true })
  for (const name of ['ledger.sqlite', 'ledger.sqlite-wal']) {
    if (existsSync(join(region.stateDir, name))) copyFileSync(join(region.stateDir, name), join(copy, name))
  }
  const db = new DatabaseSync(join(copy, 'ledger.sqlite'))
  try {
    const columns = db.prepare('SELECT * FROM transfer LIMIT 1').get() ?? {}
    const row =
      db.prepare("SELECT id FROM transfer WHERE purpose LIKE 'pay/%' OR purpose LIKE 'lease/%' LIMIT 1").get() ??
      columns
    const { id } = row as { id: unknown }
    return id instanceof Uint8Array ? Buffer.from(id).toString('hex') : String(id)
  } finally {
    db.close()
  }
}

interface Asked {
  path?: Record<string, string | undefined>
  query?: Record<string, string | undefined>
  body?: unknown
  raw?: Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
  token?: string | null
  status?: number
}

/** Asks the region, and holds the answer against what the document says of it. */
async function check(method: string, template: string, request: Asked = {}): Promise<unknown> {
  const { path = {}, query = {}, body, raw, headers = {}, token = region.coordinator.adminToken } = request
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''))
  const url = new URL(filled, region.coordinator.httpUrl)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
  const response = await fetch(url, {
    method,
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(raw === undefined ? (body === undefined ? {} : { body: JSON.stringify(body) }) : { body: raw }),
  })
  const text = await response.text()
  const what = `${method} ${template}: ${response.status} ${text.slice(0, 300)}`
  const responses = document.paths[template]?.[method.toLowerCase()]?.responses
  expect(responses, what).toBeDefined()
  asked.add(`${method} ${template}`)
  if (request.status !== undefined) expect(response.status, what).toBe(request.status)
  else expect(response.ok, what).toBe(true)
  const code = responses?.[String(response.status)] === undefined ? 'default' : String(response.status)
  const content = responses?.[code]?.content ?? {}
  const mediaType = (response.headers.get('content-type') ?? '').split(';')[0] ?? ''
  const told = content[mediaType] === undefined ? '*/*' : mediaType
  expect(Object.keys(content), `${what} is ${mediaType}`).toContain(told)
  if (told !== 'application/json') return text
  const pointer = [template, method.toLowerCase(), 'responses', code, 'content', told, 'schema'].map(part =>
    part.replaceAll('~', '~0').replaceAll('/', '~1'),
  )
  const value: unknown = JSON.parse(text)
  const validate = ajv.compile({ $ref: `document#/paths/${pointer.map(encodeURIComponent).join('/')}` })
  expect(validate(value) ? [] : validate.errors, what).toEqual([])
  return value
}

test.each<[string, () => Asked]>([
  ['/api/region', () => ({})],
  ['/api/session', () => ({})],
  ['/api/public/totals', () => ({ token: null })],
  ['/api/public/cells', () => ({ token: null })],
  ['/api/public/history', () => ({ token: null, query: { campaign: known.campaign, cell: known.cell } })],
  ['/api/devices', () => ({})],
  ['/api/devices/{id}', () => ({ path: { id: known.device } })],
  ['/api/devices/{id}/explain', () => ({ path: { id: known.device } })],
  ['/api/owners', () => ({})],
  ['/api/submitters', () => ({})],
  ['/api/jobs', () => ({})],
  ['/api/jobs/{id}', () => ({ path: { id: known.job } })],
  ['/api/jobs/{id}/explain', () => ({ path: { id: known.job } })],
  ['/api/jobs/{id}/placements', () => ({ path: { id: known.job } })],
  ['/api/jobs/{id}/doubts', () => ({ path: { id: known.job } })],
  ['/api/jobs/{id}/result', () => ({ path: { id: known.job } })],
  ['/api/jobs/{id}/bill', () => ({ path: { id: known.job } })],
  ['/api/campaigns', () => ({})],
  ['/api/campaigns/{id}', () => ({ path: { id: known.campaign } })],
  ['/api/campaigns/{id}/explain', () => ({ path: { id: known.campaign } })],
  ['/api/campaigns/{id}/windows', () => ({ path: { id: known.campaign } })],
  ['/api/campaigns/{id}/windows.csv', () => ({ path: { id: known.campaign } })],
  ['/api/campaigns/{id}/readings', () => ({ path: { id: known.campaign }, query: { format: 'senml' } })],
  ['/api/sensors', () => ({})],
  ['/api/sensors/{id}/readings', () => ({ path: { id: known.sensor } })],
  ['/api/evidence', () => ({ query: { campaign: known.campaign, sensor: known.sensor, window: known.window } })],
  ['/api/witnesses', () => ({})],
  ['/api/payouts', () => ({})],
  ['/api/payouts/{epoch}', () => ({ path: { epoch: known.epoch } })],
  ['/api/payouts/{epoch}/file', () => ({ path: { epoch: known.epoch } })],
  // Only a region that pays on a chain has claims.
  ['/api/payouts/{epoch}/claims', () => ({ path: { epoch: known.epoch }, status: 409 })],
  ['/api/bindings', () => ({})],
  ['/api/disputes', () => ({})],
  ['/api/disputes/{id}', () => ({ path: { id: known.dispute } })],
  ['/api/disputes/{id}/explain', () => ({ path: { id: known.dispute } })],
  ['/api/prices', () => ({})],
  ['/api/prices/{what}/explain', () => ({ path: { what: 'gigafuel' } })],
  ['/api/reputation/devices/{id}', () => ({ path: { id: known.device } })],
  ['/api/reputation/owners/{name}', () => ({ path: { name: 'ada' } })],
  ['/api/regions', () => ({})],
  ['/api/payments/{id}', () => ({ path: { id: known.payment } })],
  ['/api/ledger', () => ({})],
  ['/api/metrics', () => ({})],
  ['/api/openapi.json', () => ({ token: null })],
  ['/health', () => ({ token: null })],
  ['/ready', () => ({ token: null })],
  ['/metrics', () => ({ token: null })],
  ['/log/card', () => ({ token: null })],
  ['/log/checkpoint', () => ({ token: null })],
  ['/blob/{sha256}', () => ({ token: null, path: { sha256: known.sha256 } })],
  ['/v1.1', () => ({ token: null })],
  // It offers no updates, and runs without TLS.
  ['/updates/metadata/{name}', () => ({ token: null, path: { name: 'timestamp.json' }, status: 404 })],
  ['/updates/targets/{name}', () => ({ token: null, path: { name: 'x' }, status: 404 })],
  ['/ca.pem', () => ({ token: null, status: 404 })],
])('GET %s answers as it is told', async (template, request) => {
  await check('GET', template, request())
})

test('GET /api/events begins with events that are told of', async () => {
  const response = await fetch(`${region.coordinator.httpUrl}/api/events`)
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  const schema = document.paths['/api/events']?.get?.responses['200']?.content?.['text/event-stream'] as unknown as {
    'x-events'?: object
    schema: object
  }
  let text = ''
  const reader = response.body?.getReader()
  while (reader && (text.match(/^event: /gm) ?? []).length < 4)
    text += Buffer.from((await reader.read()).value ?? []).toString()
  await reader?.cancel()
  const events = [...text.matchAll(/^event: (\S+)\ndata: (.*)$/gm)]
  expect(events.length).toBeGreaterThanOrEqual(3)
  for (const [, name = '', data = ''] of events) {
    const pointer = ['~1api~1events', 'get', 'responses', '200', 'content', 'text~1event-stream', 'x-events', name]
    const validate = ajv.compile({ $ref: `document#/paths/${pointer.map(encodeURIComponent).join('/')}` })
    expect(validate(JSON.parse(data)) ? [] : validate.errors, name).toEqual([])
  }
  expect(schema['x-events']).toBeDefined()
  asked.add('GET /api/events')
})

test('POST routes answer as they are told', async () => {
  await check('POST', '/api/claims', { body: { owner: 'bob' }, status: 201 })
  await check('POST', '/api/owners', { body: { name: 'bob' }, status: 201 })
  await check('POST', '/api/owners/{name}/renew', { path: { name: 'bob' } })
  await check('POST', '/api/owners/{name}/remove', { path: { name: 'bob' } })
  await check('POST', '/api/submitters', { body: { name: 'lab', fundMicro: '1000' }, status: 201 })
  await check('POST', '/api/submitters/{name}/fund', { path: { name: 'lab' }, body: { amountMicro: '5' } })
  const job = (await check('POST', '/api/jobs', {
    query: { submitter: 'town' },
    body: echoJob(1_000),
    status: 201,
  })) as { id: string }
  await check('POST', '/api/jobs/{id}/cancel', { path: { id: job.id } })
  await check('POST', '/api/devices/{id}/drain', { path: { id: known.device }, body: { reason: 'cleaning' } })
  await check('POST', '/api/devices/{id}/undrain', { path: { id: known.device } })
  await check('POST', '/api/maintenance', { body: { reason: 'spring' } })
  await check('POST', '/api/maintenance/end')
  await check('POST', '/api/disputes', { body: { reason: 'again', job: known.job, unit: 0 }, status: 409 })
  await check('POST', '/api/campaigns/{id}/stop', { path: { id: known.campaign } })
  await check('POST', '/api/payouts/{epoch}/confirm', { path: { epoch: known.epoch } })
  const { logKey } = (await (await fetch(`${other.coordinator.httpUrl}/log/card`)).json()) as { logKey: string }
  const trusted = (await check('POST', '/api/regions', { body: { key: logKey }, status: 201 })) as { region: string }
  await check('POST', '/api/regions/{id}/distrust', { path: { id: trusted.region } })
  const [witness] = await region.admin.witnessList()
  await check('POST', '/api/witnesses/{origin}/remove', { path: { origin: witness?.origin } })
  await check('POST', '/api/witnesses', { body: { url: other.coordinator.httpUrl }, status: 201 })
  await check('POST', '/api/devices/{id}/revoke', { path: { id: known.device }, body: { reason: 'sold' } })
  await check('POST', '/api/devices/{id}/reinstate', { path: { id: known.device } })
})

test('refusals answer as they are told', async () => {
  await check('GET', '/api/devices', { token: null, status: 401 })
  await check('GET', '/api/payouts', { token: known.submitterToken ?? '', status: 403 })
  await check('GET', '/api/jobs/{id}', { path: { id: 'a'.repeat(16) }, status: 404 })
  await check('POST', '/api/claims', { body: { owner: 'bob', colour: 'red' }, status: 400 })
  await check('PUT', '/blob/{sha256}', { path: { sha256: 'ab'.repeat(32) }, raw: new Uint8Array(3), status: 400 })
})

test('every GET that the document has was asked', () => {
  const gets = Object.entries(document.paths).flatMap(([path, item]) => ('get' in item ? [`GET ${path}`] : []))
  const left = gets.filter(name => !asked.has(name))
  // Their answers are bytes of the public log; test/unit/coordinator/http/log-routes.test.ts and witness-routes.test.ts are about them.
  expect(left).toEqual([
    'GET /log/tile/entries/{index}',
    'GET /log/tile/{level}/{index}',
    'GET /witness/{origin}/checkpoint',
  ])
})
