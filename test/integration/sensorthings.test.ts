import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openBlobStore } from '../../coordinator/blobs/index.ts'
import { createHttpServer, type HttpServer } from '../../coordinator/http/index.ts'
import { createSensorThings } from '../../coordinator/outputs/index.ts'
import { openSqliteStore, type Store } from '../../coordinator/store/index.ts'
import { deviceId, flag, type SensorId } from '../../protocol/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { ask, type HttpAnswer } from '../support/http-client.ts'
import { NO_OPERATIONS } from '../support/no-operations.ts'
import { NO_SETTLEMENT } from '../support/no-settlement.ts'
import { DEVICES } from '../support/rows.ts'
import { CAMPAIGNS } from '../support/sensing-rows.ts'
import { MORNING_MS, StoredReadings } from '../support/stored-readings.ts'
import { tempDirs } from '../support/temp-dir.ts'

const tempDir = tempDirs()
const [shed, gate] = DEVICES
const [campaign] = CAMPAIGNS
const BASE = 'http://hagley.example:8717/v1.1'
const MINUTE_MS = 60_000

type Json = Record<string, unknown>

let world: StoredReadings
let store: Store
let server: HttpServer | undefined
let dust: SensorId
let weather: SensorId
let breaths: number

/** A shed with dust and weather sensors, an hour of readings each, and a gate with a sensor that has measured nothing. */
beforeEach(async () => {
  const dir = tempDir()
  store = openSqliteStore(join(dir, 'ledger.sqlite'))
  world = new StoredReadings(store)
  world.device(shed, 'shed', { sinceMs: MORNING_MS + 30 * MINUTE_MS })
  world.device(gate, 'gate', { latitudeMicroDeg: -36_850_000, longitudeMicroDeg: 174_760_000, indoor: true })
  dust = world.sensor(shed, 'sds011', [
    { quantity: 'pm2.5', unit: 'ug/m3', exponent: -1 },
    { quantity: 'pm10', unit: 'ug/m3', exponent: -1 },
  ])
  weather = world.sensor(shed, 'bme280', [{ quantity: 'temperature', unit: 'Cel', exponent: -2 }])
  world.sensor(gate, 'scd30', [{ quantity: 'co2', unit: 'ppm', exponent: 0 }])
  world.campaign(campaign, 'pm2.5')
  for (let part = 0; part < 4; part++) {
    const fromMs = MORNING_MS + part * 15 * MINUTE_MS
    const values = Array.from({ length: 15 }, (_, minute) =>
      part * 15 + minute === 3 ? null : 100 + part * 15 + minute,
    )
    world.frame({ device: shed, sensor: dust, quantity: 'pm2.5', fromMs, values })
    world.frame({
      device: shed,
      sensor: weather,
      quantity: 'temperature',
      fromMs,
      values: values.map(value => value && -value),
    })
  }
  const flags = Array.from({ length: 15 }, (_, minute) =>
    minute === 3 ? flag('missing') : minute === 4 ? flag('jump') : 0,
  )
  world.judge(campaign, MORNING_MS, { sensor: dust, device: shed }, flags)
  breaths = 0
  await restart(BASE, dir)
})

/** Serves what the world holds now. */
async function restart(baseUrl: string, dir = tempDir()): Promise<void> {
  await server?.close()
  const components = {
    blobs: openBlobStore(dir),
    api: () => {
      throw new Error('nobody asks the administration here')
    },
    settlement: NO_SETTLEMENT,
    operations: NO_OPERATIONS,
    clock: systemClock,
    live: null,
    page: new Map(),
    auth: { adminToken: 'admin', submitterByToken: () => null, ownerByToken: () => null, devicePut: () => false },
    log: { warn: () => {} },
    count: () => {},
    sensorThings: createSensorThings({
      source: world.source(),
      baseUrl: () => baseUrl,
      wallMs: () => MORNING_MS + 3_600_000,
      breathe: async () => {
        breaths++
        await nextTurn()
      },
    }),
  }
  server = await createHttpServer(components, { host: '127.0.0.1', port: 0 })
}

afterEach(async () => {
  await server?.close()
  server = undefined
  store.close()
})

const request = (path: string, method = 'GET'): Promise<HttpAnswer> =>
  ask(server?.port ?? 0, { method, path: `/v1.1${path}` })

/** Query options as a client encodes them. */
const query = (options: Record<string, string | number>) =>
  `?${Object.entries(options)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')}`

async function get(path: string, options: Record<string, string | number> = {}): Promise<Json & { value: Json[] }> {
  const answer = await request(path + (Object.keys(options).length === 0 ? '' : query(options)))
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.body}`)
  return answer.json() as Json & { value: Json[] }
}

async function refusal(path: string, options: Record<string, string | number> = {}): Promise<string> {
  const answer = await request(path + (Object.keys(options).length === 0 ? '' : query(options)))
  const { error } = answer.json() as { error: { message: string } }
  return `${answer.status} ${error.message}`
}

/** Follows a link of an answer on this server. */
const follow = (link: unknown) => get(String(link).replace(BASE, ''))

/** Every page of a collection, following its links. */
async function allPages(
  path: string,
  options: Record<string, string | number>,
): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = []
  let page = await get(path, options)
  for (let pages = 1; ; pages++) {
    ids.push(...page.value.map(entity => String(entity['@iot.id'])))
    if (page['@iot.nextLink'] === undefined) return { ids, pages }
    page = await follow(page['@iot.nextLink'])
  }
}

const pm = () => `Datastreams('${dust}-pm2.5')`
const observation = (minute: number) => `${dust}-pm2.5-${MORNING_MS + minute * MINUTE_MS}`
const timeAt = (minute: number) => new Date(MORNING_MS + minute * MINUTE_MS).toISOString()

describe('the service', () => {
  test('lists its eight sets, and what of the standard it does', async () => {
    const root = (await get('')) as unknown as {
      value: { name: string; url: string }[]
      serverSettings: { conformance: string[] }
    }
    expect(root.value).toContainEqual({ name: 'Datastreams', url: `${BASE}/Datastreams` })
    expect(root.value).toHaveLength(8)
    expect(root.serverSettings.conformance).toContain('http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel')
    expect(await get('/')).toEqual(root)
  })

  test('is for everybody, from any page, and to read only', async () => {
    const answer = await request('/Things')
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'access-control-allow-origin': '*' })
    const head = await request('/Things', 'HEAD')
    expect([head.status, head.body.length]).toEqual([200, 0])
    expect((await request('/Things', 'OPTIONS')).status).toBe(204)
    for (const method of ['POST', 'PATCH', 'PUT', 'DELETE']) {
      const refused = await request("/Things('x')", method)
      expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
    const refused = await request('/Nothing')
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([404, '*'])
  })
})

describe('entities', () => {
  test('are what the standard says, with links that lead on', async () => {
    const self = `${BASE}/Things('${shed}')`
    expect(await get(`/Things('${shed}')`)).toEqual({
      '@iot.id': shed,
      '@iot.selfLink': self,
      name: 'shed',
      description: 'A device of the region hagley that measures.',
      properties: { region: 'hagley', device: shed },
      'Locations@iot.navigationLink': `${self}/Locations`,
      'HistoricalLocations@iot.navigationLink': `${self}/HistoricalLocations`,
      'Datastreams@iot.navigationLink': `${self}/Datastreams`,
    })
    const { value: streams } = await get(`/Things('${shed}')/Datastreams`)
    expect(streams.map(stream => stream.name)).toEqual(
      [
        [weather, 'Air temperature at shed'],
        [dust, 'Particles below 10 µm at shed'],
        [dust, 'Particles below 2.5 µm at shed'],
      ]
        .toSorted(([a = '', b = ''], [c = '', d = '']) => (a === c ? (b < d ? -1 : 1) : a < c ? -1 : 1))
        .map(([, name]) => name),
    )
    const stream = await get(`/${pm()}`)
    expect(stream).toMatchObject({
      observationType: 'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement',
      unitOfMeasurement: {
        name: 'microgram per cubic metre',
        symbol: 'µg/m³',
        definition: 'http://qudt.org/vocab/unit/MicroGM-PER-M3',
      },
      phenomenonTime: `${timeAt(0)}/${timeAt(60)}`,
    })
    expect(await follow(stream['Thing@iot.navigationLink'])).toMatchObject({ '@iot.id': shed })
    expect(await follow(stream['Sensor@iot.navigationLink'])).toMatchObject({ '@iot.id': dust, name: 'sds011' })
    expect(await follow(stream['ObservedProperty@iot.navigationLink'])).toMatchObject({
      '@iot.id': 'pm2.5',
      definition: 'http://dd.eionet.europa.eu/vocabulary/aq/pollutant/6001',
    })
    const [place] = (await get('/Locations', { $filter: `id eq '${gate}'` })).value
    expect(place).toMatchObject({
      encodingType: 'application/geo+json',
      location: { type: 'Point', coordinates: [174.76, -36.85] },
      properties: { indoor: true },
    })
    expect((await get(`/Locations('${gate}')/Things`)).value[0]).toMatchObject({ name: 'gate' })
    expect((await get(`/HistoricalLocations('${shed}')`)).time).toBe(timeAt(30))
    expect(await get(`/HistoricalLocations('${shed}')/Thing`)).toMatchObject({ '@iot.id': shed })
  })

  test('do not tell the serial number of a sensor, with which it could be announced elsewhere', async () => {
    for (const path of ['/Sensors', '/Datastreams', '/Things']) {
      expect((await request(path)).body.toString()).not.toContain(`${shed}/sds011`)
    }
  })

  test('have observations with an exact result, a verdict, and the place of that time', async () => {
    const self = `${BASE}/Observations('${observation(4)}')`
    expect(await get(`/Observations('${observation(4)}')`)).toEqual({
      '@iot.id': observation(4),
      '@iot.selfLink': self,
      phenomenonTime: timeAt(4),
      resultTime: timeAt(15),
      result: 10.4,
      resultQuality: { verdict: 'rejected', codes: ['jump'] },
      parameters: { device: shed, periodMs: MINUTE_MS, uncertaintyMs: 0 },
      'Datastream@iot.navigationLink': `${self}/Datastream`,
      'FeatureOfInterest@iot.navigationLink': `${self}/FeatureOfInterest`,
    })
    const qualityAt = async (minute: number) => (await get(`/Observations('${observation(minute)}')`)).resultQuality
    expect(await qualityAt(5)).toEqual({ verdict: 'accepted', codes: [] })
    expect(await qualityAt(15)).toEqual({ verdict: 'unverified', codes: [] })
    // The shed stands where it is since half past eight. Of before, only the judged readings are known to be from elsewhere.
    const featureAt = async (minute: number) =>
      (await get(`/Observations('${observation(minute)}')/FeatureOfInterest`))['@iot.id']
    expect(await featureAt(30)).toBe('52520000_13405000_34_out')
    expect(await featureAt(4)).toBe('51000000_7000000_60_in')
    expect(await featureAt(20)).toBe('unknown')
    expect(await get("/FeaturesOfInterest('51000000_7000000_60_in')")).toMatchObject({
      feature: { coordinates: [7, 51] },
    })
    expect(await get("/FeaturesOfInterest('unknown')")).toMatchObject({ feature: { geometry: null } })
    expect((await get('/FeaturesOfInterest')).value).toHaveLength(2)
    const here = await get("/FeaturesOfInterest('52520000_13405000_34_out')/Observations", { $top: 1 })
    expect(here.value[0]?.phenomenonTime).toBe(timeAt(0))
  })

  test('are found by paths, properties, values and references', async () => {
    expect(await get(`/Things(${shed})`)).toMatchObject({ '@iot.id': shed })
    expect(await get(`/Things('${shed}')/${pm()}/Thing`)).toMatchObject({ '@iot.id': shed })
    expect(await get(`/${pm()}/Observations('${observation(1)}')/Datastream/Thing/name`)).toEqual({ name: 'shed' })
    const value = await request(`/Things('${shed}')/name/$value`)
    expect([value.headers['content-type'], value.body.toString()]).toEqual(['text/plain; charset=utf-8', 'shed'])
    const unit = await request(`/${pm()}/unitOfMeasurement/$value`)
    expect(JSON.parse(unit.body.toString())).toMatchObject({ symbol: 'µg/m³' })
    expect((await request(`/Observations('${observation(1)}')/result/$value`)).body.toString()).toBe('10.1')
    expect((await get('/Sensors/$ref')).value).toContainEqual({ '@iot.selfLink': `${BASE}/Sensors('${dust}')` })
  })

  test.each([
    ['/Nothing', '404 There is no Nothing: there are Things,'],
    ['/things', '404 There is no things'],
    ["/Things('nobody')", "404 There is no Things('nobody')."],
    ["/Datastreams('x')", "404 There is no Datastreams('x')."],
    ["/Observations('x')", "404 There is no Observations('x')."],
    ["/Sensors('x')/Datastreams", '404'],
    ["/FeaturesOfInterest('95000000_0_0_out')", '404'],
    ['/Things/Datastreams', '404 There is no Datastreams: Things are many'],
    [`/Things('${shed}')/Sensors`, '404 There is no Sensors in Things.'],
    [`/Things('${shed}')/Datastreams('x')`, '404'],
    [`/Things('${shed}')/name/length`, '404 There is no length: only $value may follow'],
    [`/Things('${shed}')/constructor`, '404'],
    ["/Things('a'')", '400'],
  ])('%s is not there', async (path, expected) => {
    expect(await refusal(path)).toContain(expected)
  })

  test('of another entity are not there', async () => {
    expect(await refusal(`/Things('${gate}')/${pm()}`)).toContain('404')
    expect(await refusal(`/Datastreams('${weather}-temperature')/Observations('${observation(1)}')`)).toContain('404')
    expect(await refusal(`/${pm()}/Thing('${shed}')`)).toContain('400 Thing is one entity')
    expect(await refusal(`/Observations('${observation(3)}')`)).toContain('404')
  })
})

describe('queries', () => {
  test('filter, order, cut, count and select', async () => {
    const named = await get('/Datastreams', { $filter: "Thing/name eq 'gate' or ObservedProperty/id eq 'pm10'" })
    expect(named.value.map(stream => String(stream['@iot.id']).slice(17)).toSorted()).toEqual(['co2', 'pm10'])
    const many = await get('/Things', { $filter: "Datastreams/ObservedProperty/name eq 'Carbon dioxide'" })
    expect(many.value.map(thing => thing.name)).toEqual(['gate'])
    const deep = await get('/Datastreams', {
      $filter: "unitOfMeasurement/symbol eq 'ppm' and startswith(name,'Carbon')",
    })
    expect(deep.value).toHaveLength(1)
    const ordered = await get('/ObservedProperties', {
      $orderby: 'name desc',
      $top: 2,
      $count: 'true',
      $select: 'name',
    })
    expect(ordered).toMatchObject({
      '@iot.count': 4,
      value: [{ name: 'Particles below 2.5 µm' }, { name: 'Particles below 10 µm' }],
    })
    expect(await follow(ordered['@iot.nextLink'])).toMatchObject({
      value: [{ name: 'Carbon dioxide' }, { name: 'Air temperature' }],
    })
    expect((await get('/Things', { $select: 'id,Datastreams', $filter: "name eq 'shed'" })).value).toEqual([
      { '@iot.id': shed, 'Datastreams@iot.navigationLink': `${BASE}/Things('${shed}')/Datastreams` },
    ])
    expect(await get('/Things', { $top: 0, $count: 'true' })).toEqual({ '@iot.count': 2, value: [] })
  })

  test('expand links, with options of their own, and links to the rest', async () => {
    const things = await get('/Things', {
      $filter: "name eq 'shed'",
      $expand:
        "Locations,Datastreams($filter=ObservedProperty/id eq 'pm2.5';$count=true;$expand=Sensor($select=name),Observations($orderby=phenomenonTime desc;$top=2;$select=result))",
    })
    const [thing] = things.value as { Datastreams: Json[]; Locations: Json[]; 'Datastreams@iot.count': number }[]
    expect(thing?.['Datastreams@iot.count']).toBe(1)
    expect(thing?.Locations).toHaveLength(1)
    expect(thing).not.toHaveProperty('Datastreams@iot.navigationLink')
    const [stream] = thing?.Datastreams ?? []
    expect(stream).toMatchObject({ Sensor: { name: 'sds011' }, Observations: [{ result: 15.9 }, { result: 15.8 }] })
    const next = await follow(stream?.['Observations@iot.nextLink'])
    expect(next.value).toEqual([{ result: 15.7 }, { result: 15.6 }])
    const [one] = (await get(`/${pm()}/Observations`, { $top: 1, $expand: 'Datastream/Thing,FeatureOfInterest' })).value
    expect(one).toMatchObject({
      Datastream: { Thing: { name: 'shed' } },
      FeatureOfInterest: { name: 'The air in a room' },
    })
  })

  test('read observations by time, value and verdict', async () => {
    const results = async (options: Record<string, string | number>, path = `/${pm()}/Observations`) =>
      (await get(path, options)).value.map(({ result }) => result)
    expect(await results({ $top: 4 })).toEqual([10, 10.1, 10.2, 10.4])
    expect(await results({ $top: 3, $orderby: 'phenomenonTime desc' })).toEqual([15.9, 15.8, 15.7])
    expect(await results({ $filter: `phenomenonTime ge ${timeAt(20)} and phenomenonTime lt ${timeAt(23)}` })).toEqual([
      12, 12.1, 12.2,
    ])
    expect(await results({ $filter: `${timeAt(58)} lt phenomenonTime` })).toEqual([15.9])
    expect(await results({ $filter: `phenomenonTime eq ${timeAt(20)}` })).toEqual([12])
    expect(await results({ $filter: 'result gt 15.75 and not (result eq 15.8)' })).toEqual([15.9])
    expect(await results({ $filter: "resultQuality/verdict eq 'rejected'" })).toEqual([10.4])
    expect(await results({ $filter: `resultTime gt ${timeAt(45)} and minute(phenomenonTime) eq 50` })).toEqual([15])
    expect(await results({ $filter: `id eq '${observation(7)}'` }, '/Observations')).toEqual([10.7])
    expect(await results({ $orderby: 'result desc', $top: 2, $skip: 1 })).toEqual([15.8, 15.7])
    const ofStream = {
      $filter: `Datastream/id eq '${dust}-pm2.5' and Datastream/Thing/name eq 'shed'`,
      $top: 2,
      $skip: 2,
    }
    expect(await results(ofStream, '/Observations')).toEqual([10.2, 10.4])
    expect(await get(`/${pm()}/Observations`, { $count: 'true', $filter: 'result lt 11', $top: 1 })).toMatchObject({
      '@iot.count': 9,
    })
  })

  test('page through all observations once, in either direction, though readings of two series share their times', async () => {
    for (const $orderby of ['phenomenonTime asc', 'phenomenonTime desc']) {
      const { ids, pages } = await allPages('/Observations', { $orderby, $top: 7, $filter: 'result ne 10' })
      expect(pages).toBe(Math.ceil(117 / 7))
      expect(new Set(ids).size).toBe(117)
      const times = ids.map(id => Number(id.split('-').at(-1)))
      expect(times).toEqual(times.toSorted((a, b) => ($orderby.endsWith('desc') ? b - a : a - b)))
    }
    const sorted = await allPages(`/${pm()}/Observations`, { $orderby: 'result', $top: 20 })
    expect([sorted.pages, new Set(sorted.ids).size]).toEqual([3, 59])
  })

  test('take a page that is asked too long for the longest there is', async () => {
    for (let hour = 1; hour < 30; hour++) {
      const values = Array.from({ length: 60 }, () => 5)
      world.frame({ device: shed, sensor: dust, quantity: 'pm2.5', fromMs: MORNING_MS + hour * 3_600_000, values })
    }
    const page = await get(`/${pm()}/Observations`, { $top: 999_999_999 })
    expect(page.value).toHaveLength(1_000)
    expect((await follow(page['@iot.nextLink'])).value).toHaveLength(799)
    expect((await get(`/${pm()}/Observations`)).value).toHaveLength(100)
    expect(breaths).toBeGreaterThan(0)
  })

  test('give observations as rows of a data array', async () => {
    const { value } = await get('/Observations', { $resultFormat: 'dataArray', $top: 3 })
    expect(value).toHaveLength(2)
    const ofDust = value.find(group => String(group['Datastream@iot.navigationLink']).includes(dust))
    expect(ofDust).toMatchObject({
      'Datastream@iot.navigationLink': `${BASE}/${pm()}`,
      components: ['id', 'phenomenonTime', 'resultTime', 'result', 'resultQuality', 'parameters'],
    })
    const rows = (ofDust?.dataArray ?? []) as unknown[][]
    expect(rows[0]?.slice(0, 4)).toEqual([observation(0), timeAt(0), timeAt(15), 10])
    const selected = await get(`/${pm()}/Observations`, {
      $resultFormat: 'dataArray',
      $select: 'phenomenonTime,result',
      $top: 2,
    })
    expect(selected.value).toEqual([
      {
        'Datastream@iot.navigationLink': `${BASE}/${pm()}`,
        components: ['phenomenonTime', 'result'],
        'dataArray@iot.count': 2,
        dataArray: [
          [timeAt(0), 10],
          [timeAt(1), 10.1],
        ],
      },
    ])
  })
})

describe('the examples of docs/outputs.md', () => {
  /** Every request to the service in the document, and the JSON that follows it. */
  const examples = readFileSync(join(import.meta.dirname, '../../docs/outputs.md'), 'utf8')
    .split('```sh\n')
    .slice(1)
    .flatMap(block => {
      const [command = '', rest = ''] = block.split('\n```\n')
      const path = /^curl -G "?http:\/\/localhost:8717\/v1\.1([^" \n]+)/.exec(command)?.[1]
      const options = [...command.matchAll(/--data-urlencode '([^']+)(?:'"('[^']*')")?/g)]
      const json = /^\s*```json\n(.*)$/s.exec(rest)?.[1]
      return path === undefined || json === undefined
        ? []
        : [{ path, options: options.map(([, text = '', quoted = '']) => text + quoted), json }]
    })

  test('are found', () => {
    expect(examples).toHaveLength(4)
  })

  test.each(examples)('$path $options is answered as it says', async ({ path, options, json }) => {
    const townHall = deviceId('k3q7vm2n5x4trw6yabcdefghij')
    world = new StoredReadings()
    world.device(townHall, 'town-hall')
    const sensor = world.sensor(townHall, 'sds011', [{ quantity: 'pm2.5', unit: 'ug/m3', exponent: -1 }])
    world.campaign(campaign, 'pm2.5')
    world.frame({ device: townHall, sensor, quantity: 'pm2.5', fromMs: MORNING_MS, values: [123, 124, 610, 122] })
    world.judge(campaign, MORNING_MS, { sensor, device: townHall }, [0, 0, flag('jump'), 0])
    await restart('http://localhost:8717/v1.1')
    const query = options
      .map(option => option.replace(/=(.*)$/s, (_, value) => `=${encodeURIComponent(value)}`))
      .join('&')
    const answer = (await request(`${path}?${query}`)).body.toString()
    const shortened = answer.replaceAll(/(Observations\?)[^"]+"/g, '$1…"')
    expect(JSON.parse(shortened)).toEqual(JSON.parse(json))
  })
})

describe('hostile queries', () => {
  test.each<[string, Record<string, string>, string]>([
    ['/Things', { $filter: `${'('.repeat(2_000)}` }, 'more than 400 words'],
    ['/Things', { $filter: `${'('.repeat(300)}` }, 'nested more than 32 deep'],
    ['/Things', { $filter: `${'not '.repeat(300)}true` }, 'nested more than 32 deep'],
    ['/Things', { $filter: "name eq 'x' or '1' eq '1' -- ; DROP TABLE frame" }, 'has no meaning there'],
    ['/Things', { $filter: "name eq 'x' union select" }, "expected 'and', 'or' or the end"],
    ['/Things', { $filter: 'secret eq 1' }, "Things have no 'secret'; they have id, name,"],
    ['/Things', { $filter: '__proto__/x eq 1' }, "Things have no '__proto__'"],
    ['/Things', { $filter: 'Datastreams/Observations/result gt 1' }, 'cannot look through all Observations'],
    ['/Datastreams', { $filter: 'phenomenonTime gt 2026-01-01' }, 'a stretch of time'],
    ['/Things', { $orderby: 'Datastreams/Observations/result' }, 'cannot look through all Observations'],
    ['/Things', { $select: 'password' }, "Things have no 'password'"],
    ['/Things', { $expand: 'Observations' }, "Things have no 'Observations'"],
    [
      '/Things',
      { $expand: 'Datastreams($expand=Thing($expand=Datastreams($expand=Thing($expand=Locations))))' },
      '4 deep',
    ],
    ['/Things', { $resultFormat: 'dataArray' }, 'for Observations only'],
    ['/Things', { $top: '-1' }, '$top cannot be read'],
    ['/Things', { $skip: '1e99' }, '$skip cannot be read'],
    ['/Things', { $filter: `name eq '${'x'.repeat(5_000)}'` }, 'more than 4096 characters'],
    ['/Observations', { $skiptoken: '../../etc' }, '$skiptoken is not one of this server'],
  ])('%s %s are refused', async (path, options, message) => {
    const answer = await refusal(path, options)
    expect(answer.slice(0, 3)).toBe('400')
    expect(answer).toContain(message)
  })

  test('that would read too much are cut where they are, and go on by a link', async () => {
    // Half a million readings, none of which is what is looked for.
    const values = Array.from({ length: 4_096 }, (_, index) => index % 7)
    for (let part = 0; part < 130; part++) {
      const fromMs = MORNING_MS + 3_600_000 + part * 4_096_000
      world.frame({ device: shed, sensor: dust, quantity: 'pm10', periodMs: 1_000, fromMs, values })
    }
    const path = `/Datastreams('${dust}-pm10')/Observations`
    const first = await get(path, { $filter: 'result gt 1000' })
    expect(first.value).toEqual([])
    const second = await follow(first['@iot.nextLink'])
    expect([second.value, second['@iot.nextLink']]).toEqual([[], undefined])
    expect(breaths).toBeGreaterThan(100)
    expect(await refusal(path, { $count: 'true', $top: '1' })).toContain('400 This would read more observations')
    expect(await refusal(path, { $orderby: 'result' })).toContain(
      '400 Only 20000 Observations can be put in this order',
    )
    expect(await refusal(path, { $skip: '500000' })).toContain('400 This would read more observations')
  })

  test('that expand everything get a full answer and links to the rest', async () => {
    for (let minute = 0; minute < 60; minute++) {
      for (const [sensor, quantity] of [
        [dust, 'pm10'],
        [dust, 'pm2.5'],
        [weather, 'temperature'],
      ] as const) {
        const fromMs = MORNING_MS + (60 + minute * 60) * MINUTE_MS
        world.frame({ device: shed, sensor, quantity, fromMs, values: Array.from({ length: 60 }, () => 1) })
      }
    }
    const answer = await get('/ObservedProperties', {
      $expand: 'Datastreams($expand=Observations($top=1000;$expand=Datastream($expand=Observations($top=1000))))',
    })
    const text = JSON.stringify(answer)
    expect(text.split('"phenomenonTime"').length).toBeLessThan(6_100)
    expect(text).toContain('Observations@iot.nextLink')
  })
})
