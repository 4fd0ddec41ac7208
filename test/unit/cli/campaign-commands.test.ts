import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { windowText } from '../../../cli/campaign-cells.ts'
import { campaignExplain } from '../../../cli/commands/campaign-explain.ts'
import { campaignList } from '../../../cli/commands/campaign-list.ts'
import { campaignResult } from '../../../cli/commands/campaign-result.ts'
import { campaignStop } from '../../../cli/commands/campaign-stop.ts'
import { campaignSubmit } from '../../../cli/commands/campaign-submit.ts'
import { campaignWatch } from '../../../cli/commands/campaign-watch.ts'
import { readingExplain } from '../../../cli/commands/reading-explain.ts'
import { readingExport } from '../../../cli/commands/reading-export.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { saveSubmitterToken } from '../../../cli/state.ts'
import {
  type Campaign,
  type CellWindow,
  DEFAULT_RULES,
  type Evidence,
  judge,
  NO_RULES,
  type SensorSummary,
} from '../../../protocol/index.ts'
import { eventually } from '../../support/eventually.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { type FakeAdmin, startFakeAdmin } from './fake-admin.ts'
import { type FakeIo, fakeIo } from './fake-io.ts'

const COMMANDS = [
  campaignSubmit,
  campaignWatch,
  campaignResult,
  campaignExplain,
  campaignList,
  campaignStop,
  readingExplain,
  readingExport,
]
const ID = 'abcdefgh234567ab'
const SENSOR = '3f2a00112233aabb'
const CELL = '881e15b709fffff'
const START_MS = Date.UTC(2026, 5, 1, 10)
const tempDir = tempDirs()

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
  const code = await run(line.split(' '), io, COMMANDS)
  return { ...io, code }
}

function campaignOf(more: Partial<Campaign> = {}): Campaign {
  const counts = { sensors: 4, cells: 2, readings: 1_234, accepted: 1_200, rejected: 34, late: 5, frameBytes: 9_000 }
  const terms = { priceMicro: '200', budgetMicro: '9000000', spentMicro: '240000', feeMicro: '12000' }
  const times = { createdAtMs: START_MS, startMs: START_MS, endMs: START_MS + 86_400_000, finishedAtMs: null }
  const plan = { quantity: 'temperature', unit: 'Cel', periodMs: 60_000, windowMs: 900_000, aggregate: 'median' }
  return {
    id: ID,
    name: 'schools',
    submitter: 'me',
    state: 'running',
    reason: '',
    ...plan,
    ...counts,
    ...terms,
    ...times,
    ...more,
  }
}

function windowOf(index: number, more: Partial<CellWindow> = {}): CellWindow {
  const fromMs = START_MS + index * 900_000
  const values = { value: '21.5', least: '20', greatest: '23.25', readings: 45, accepted: 44, sensors: 3 }
  return { cell: CELL, fromMs, toMs: fromMs + 900_000, revision: 1, ...values, ...more }
}

function sensorOf(more: Partial<SensorSummary> = {}): SensorSummary {
  const device = {
    device: 'abcdefghijklmnopqrstuvwx23',
    deviceLabel: 'roof',
    model: 'ds18b20',
    serial: '28-0316a2794fff',
  }
  const channels = [{ quantity: 'temperature', unit: 'Cel', exponent: -2 }]
  const place = {
    cell: CELL,
    elevationM: 180,
    indoor: false,
    firstSeenMs: 0,
    placedSinceMs: 0,
    online: true,
    rival: null,
  }
  return { id: SENSOR, ...device, channels, ...place, ...more }
}

function evidenceOf(more: Partial<Evidence> = {}): Evidence {
  const points = Array.from({ length: 15 }, (_, i) => ({
    atMs: START_MS + i * 60_000,
    value: i === 5 ? 27.9 : 21.8 + i / 100,
  }))
  const around = [20.6, 21.4, 21.8, 22, 22.6].map((value, i) => ({
    id: `n${i}`,
    eastM: 1_000,
    northM: i * 100,
    elevationM: 180,
    points: points.map(({ atMs }) => ({ atMs, value })),
  }))
  const rules = { ...(DEFAULT_RULES.get('temperature') ?? NO_RULES), jump: null }
  const input = { quantity: 'temperature', rules, periodMs: 60_000, points, history: [], twins: [] }
  const flags = judge({ series: input, elevationM: 180, neighbours: around, extraFlags: [] })
  const window = {
    campaign: ID,
    sensor: SENSOR,
    windowMs: START_MS,
    windowLengthMs: 900_000,
    revision: 1,
    frameMax: 77,
  }
  const pay = { cell: CELL, rank: 2, paidReadings: 14, paidMicro: '2800', unpaidReason: '' }
  return { version: 1, ...window, flags, input, elevationM: 180, neighbours: around, extraFlags: [], ...pay, ...more }
}

const explanation = { summary: 'It measures.', reasons: ['4 sensors are assigned.'], facts: { readings: 1_234 } }
const campaignRoute = `GET /api/campaigns/${ID}`

describe('campaign list, explain, stop', () => {
  test('show what there is', async () => {
    const io = await hedgerow('campaign list', { 'GET /api/campaigns': [campaignOf()] })
    expect(io.stdout.text()).toMatch(
      /schools {2}me {2,}temperature {2}running +4 +1,200 +34 {2}0.24 cr {2}2026-06-02 10:00:00 UTC/,
    )
    const none = await hedgerow('campaign list --as me', { 'GET /api/campaigns': [] })
    expect(none.stderr.text()).toContain("'hedgerow campaign submit FILE' submits one")
    expect(admin.calls.at(-1)?.token).toBe('mine')
  })

  test('take an id, its beginning or a name', async () => {
    const answers = { 'GET /api/campaigns': [campaignOf()], [`${campaignRoute}/explain`]: explanation }
    for (const text of [ID, 'abcd', 'schools']) {
      const io = await hedgerow(`campaign explain ${text}`, answers)
      expect(io.stdout.text()).toContain('It measures.\n- 4 sensors are assigned.\n\nreadings  1234')
    }
    const unknown = await hedgerow('campaign explain parks', answers)
    expect(unknown).toMatchObject({ code: EXIT.failure })
    expect(unknown.stderr.text()).toContain("There is no campaign 'parks': 'hedgerow campaign list' shows their ids.")
    const two = { 'GET /api/campaigns': [campaignOf(), campaignOf({ id: 'abcdzzzzzzzzzzzz' })] }
    expect((await hedgerow('campaign explain abcd', two)).stderr.text()).toContain("'abcd' means 2 campaigns")
  })

  test('stop says what it came to', async () => {
    const stopped = campaignOf({ state: 'cancelled', reason: 'on request' })
    const io = await hedgerow(`campaign stop ${ID}`, { [`POST /api/campaigns/${ID}/stop`]: stopped })
    expect(io.stdout.text()).toBe(
      `Campaign ${ID} cancelled: 1,234 readings, 1,200 accepted, 34 rejected, 5 late, cost 0.24 cr.\non request\n`,
    )
  })
})

describe('campaign submit', () => {
  const YAML = 'quantity: temperature\narea: {labels: [roof]}\nprice: 0.0002\nperiod: 30s\n'

  test('sends what the file says and prints the id', async () => {
    writeFileSync(join(cwd, 'c.yaml'), YAML)
    const io = await hedgerow('campaign submit c.yaml --as me --budget 9', { 'POST /api/campaigns': campaignOf() })
    expect(io.stdout.text()).toBe(`${ID}\n`)
    expect(io.stderr.text()).toContain('4 sensors in 2 cells, at most 9 cr, until 2026-06-02 10:00:00 UTC.')
    expect(admin.calls[0]).toMatchObject({ route: 'POST /api/campaigns', token: 'mine' })
    expect(JSON.parse(admin.calls[0]?.body ?? '')).toEqual({
      quantity: 'temperature',
      area: { labels: ['roof'] },
      priceMicro: '200',
      periodMs: 30_000,
      budgetMicro: '9000000',
    })
  })

  test('checks without sending, and sends nothing that is wrong', async () => {
    writeFileSync(join(cwd, 'c.yaml'), YAML)
    expect((await hedgerow('campaign submit c.yaml --check', {})).stdout.text()).toBe('c.yaml is a valid campaign.\n')
    writeFileSync(join(cwd, 'c.yaml'), YAML.replace('30s', '0s'))
    const io = await hedgerow('campaign submit c.yaml --json', {})
    expect(io.code).toBe(EXIT.failure)
    expect(JSON.parse(io.stdout.text())).toMatchObject({ ok: false, error: { code: 'bad_campaign' } })
    expect(admin.calls).toEqual([])
  })

  test('watches it with --watch', async () => {
    writeFileSync(join(cwd, 'c.yaml'), YAML)
    const io = await hedgerow('campaign submit c.yaml --watch', {
      'POST /api/campaigns': campaignOf(),
      [campaignRoute]: campaignOf({ state: 'settling' }),
      [`${campaignRoute}/windows`]: [windowOf(0)],
    })
    expect(io.code).toBe(EXIT.ok)
    expect(io.stderr.text()).toContain('10:00-10:15  881e15b709fffff  21.5 Cel')
    expect(io.stdout.text()).toContain('1,200 accepted')
  })
})

describe('campaign watch', () => {
  test('writes a line for each window off a terminal, corrections too', async () => {
    let windows: CellWindow[] = [windowOf(0), windowOf(0, { cell: '881e15b70dfffff', value: null, accepted: 0 })]
    let state: Campaign['state'] = 'running'
    admin.answers = {
      [campaignRoute]: () => campaignOf({ state }),
      [`${campaignRoute}/windows`]: () => windows,
      [`${campaignRoute}/windows?from=${START_MS - 900_000}`]: () => windows,
      [`${campaignRoute}/windows?from=${START_MS}`]: () => windows,
    }
    const io = fakeIo({ cwd })
    const running = run(['campaign', 'watch', ID], io, COMMANDS)
    await eventually('two lines', () => io.stderr.text().split('\n').length > 2)
    windows = [...windows, windowOf(0, { revision: 2, value: '21.7' }), windowOf(1, { value: '22' })]
    await io.clock.advance(1_000)
    await eventually('the next window', () => io.stderr.text().includes('22 Cel'))
    state = 'done'
    await io.clock.advance(1_000)
    expect(await running).toBe(EXIT.ok)
    expect(io.stderr.text().split('\n').slice(0, 4)).toEqual([
      '10:00-10:15  881e15b709fffff  21.5 Cel  (44 of 45 readings accepted, 3 sensors)',
      '10:00-10:15  881e15b70dfffff  no value  (0 of 45 readings accepted, 3 sensors)',
      '10:00-10:15  881e15b709fffff  21.7 Cel  (44 of 45 readings accepted, 3 sensors, revision 2)',
      '10:15-10:30  881e15b709fffff  22 Cel  (44 of 45 readings accepted, 3 sensors)',
    ])
    expect(io.stdout.text()).toContain(`Campaign ${ID} done: 1,234 readings`)
  })

  test('draws a table over on a terminal, and fits it', async () => {
    let state: Campaign['state'] = 'running'
    const cells = Array.from({ length: 30 }, (_, i) => windowOf(0, { cell: `8${i + 10}` }))
    admin.answers = {
      [campaignRoute]: () => campaignOf({ state }),
      [`${campaignRoute}/windows`]: cells,
      [`${campaignRoute}/windows?from=${START_MS - 900_000}`]: cells,
    }
    const io = fakeIo({ cwd, isTTY: true, env: { TERM: 'xterm' } })
    const running = run(['campaign', 'watch', ID], io, COMMANDS)
    await eventually('a table', () => io.stderr.text().includes('4 sensors'))
    const drawn = io.stderr.text()
    expect(drawn).toMatch(/^CELL +WINDOW +VALUE +ACCEPTED +REJECTED +SENSORS +REVISION\n/)
    const lines = drawn.trimEnd().split('\n')
    expect(lines).toHaveLength(23)
    expect(lines.every(line => line.length < 80)).toBe(true)
    state = 'failed'
    await io.clock.advance(1_000)
    expect(await running).toBe(EXIT.jobFailed)
    expect(io.stderr.text().slice(drawn.length).startsWith('\x1b[23A\r\x1b[JCELL')).toBe(true)
  })

  test('stops when it is asked to, and says how to go on', async () => {
    admin.answers = { [campaignRoute]: campaignOf(), [`${campaignRoute}/windows`]: [windowOf(0)] }
    const io = fakeIo({ cwd })
    const running = run(['campaign', 'watch', ID], io, COMMANDS)
    await eventually('a window', () => io.stderr.text().includes('21.5'))
    io.abort()
    expect(await running).toBe(EXIT.interrupted)
    expect(io.stderr.text()).toContain(`The campaign goes on. Watch it again with: hedgerow campaign watch ${ID}`)
  })

  test('waits for a coordinator that restarts, for a minute', async () => {
    admin.answers = { [campaignRoute]: campaignOf(), [`${campaignRoute}/windows`]: [] }
    const io = fakeIo({ cwd })
    const running = run(['campaign', 'watch', ID], io, COMMANDS)
    await eventually('both questions', () => admin.calls.length === 2)
    await admin.close()
    const ended = running.then(code => ({ code }))
    let over: { code: number } | null = null
    void ended.then(result => {
      over = result
    })
    for (let second = 0; over === null && second < 200; second++) {
      await io.clock.advance(1_000)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect((await ended).code).toBe(EXIT.unreachable)
    expect(io.clock.monotonicMs()).toBeGreaterThanOrEqual(60_000)
    admin = await startFakeAdmin()
  })

  test('prints only the campaign with --json', async () => {
    const answers = { [campaignRoute]: campaignOf({ state: 'done' }), [`${campaignRoute}/windows`]: [windowOf(0)] }
    const io = await hedgerow(`campaign watch ${ID} --json`, answers)
    expect(JSON.parse(io.stdout.text())).toMatchObject({ id: ID, state: 'done' })
    expect(io.stderr.text()).toBe('')
  })
})

describe('campaign result', () => {
  const windows = [
    windowOf(0, { value: '9', least: '-10', greatest: '9.5' }),
    windowOf(0, { cell: '881e15b701fffff', value: null, least: null, greatest: null, accepted: 0 }),
    windowOf(1, { value: '10.25', least: '-9', greatest: '10.5' }),
    windowOf(2, { value: null, least: null, greatest: null, accepted: 0 }),
  ]

  test('sums up cells', async () => {
    const answers = { [campaignRoute]: campaignOf(), [`${campaignRoute}/windows`]: windows }
    const io = await hedgerow(`campaign result ${ID}`, answers)
    expect(io.stdout.text()).toContain('881e15b701fffff        0          -        -         -         0        45')
    expect(io.stdout.text()).toContain('881e15b709fffff        2  10.25 Cel  -10 Cel  10.5 Cel        88        47')
    expect(io.stdout.text()).toContain(`Campaign ${ID} running, until 2026-06-02`)
    const json = await hedgerow(`campaign result ${ID} --json`, answers)
    expect(JSON.parse(json.stdout.text())).toMatchObject({
      campaign: { id: ID },
      cells: [{ windows: 0 }, { windows: 2 }],
    })
  })

  test('writes every window as CSV', async () => {
    const csv = Buffer.from('cell,from\nx,y\n')
    const answers = { [`${campaignRoute}/windows.csv`]: csv }
    expect((await hedgerow(`campaign result ${ID} --csv`, answers)).stdout.text()).toBe(csv.toString())
    const io = await hedgerow(`campaign result ${ID} --csv --out w.csv`, answers)
    expect(io.stdout.text()).toBe('w.csv: 14 B of text/csv\n')
    expect(readFileSync(join(cwd, 'w.csv'))).toEqual(csv)
  })

  test.each(['--out w.csv', '--csv --json'])('does not take %s', async options => {
    expect((await hedgerow(`campaign result ${ID} ${options}`, {})).code).toBe(EXIT.usage)
  })
})

describe('reading explain', () => {
  const evidenceRoute = (atMs: number): string => `GET /api/evidence?campaign=${ID}&sensor=${SENSOR}&window=${atMs}`
  const AT_MS = START_MS + 5 * 60_000
  const answers = (evidence: Evidence, atMs = AT_MS): FakeAdmin['answers'] => ({
    'GET /api/sensors': [sensorOf(), sensorOf({ id: 'ffff00112233aabb', deviceLabel: 'cellar', serial: 'x' })],
    'GET /api/campaigns': [campaignOf(), campaignOf({ id: 'zzzzzzzzzzzzzzzz', name: 'rooms', quantity: 'co2' })],
    [evidenceRoute(atMs)]: evidence,
  })

  test('gives the reasons and checks the verdict here', async () => {
    const io = await hedgerow(`reading explain 3f2a 2026-06-01T10:05Z`, answers(evidenceOf()))
    const lines = io.stdout.text().split('\n')
    expect(lines.toSpliced(2, 1)).toEqual([
      '27.9 Cel at 2026-06-01 10:05:00 UTC is rejected (buddy, spatial).',
      "- 27.9 Cel at 2026-06-01 10:05:00 UTC is 6.1 from its 5 neighbours' median 21.8; at most 4 is allowed (threshold 5 × spread 0.8).",
      '- The sensor was number 2 in cell 881e15b709fffff in this window and was paid 0.0028 cr for 14 readings.',
      'Computed again here from the evidence (rules version 1): every verdict of the window is the same.',
      '',
    ])
    expect(lines[2]).toMatch(/^- 27\.9 Cel .* neighbours predict for its place, 21\.\d+;/)
    expect(io.code).toBe(EXIT.ok)
  })

  test('names the sensor by serial or device, and the campaign', async () => {
    for (const name of ['28-0316a2794fff', 'roof/ds18b20']) {
      const io = await hedgerow(
        `reading explain ${name} 2026-06-01T10:05Z --campaign schools --json`,
        answers(evidenceOf()),
      )
      expect(JSON.parse(io.stdout.text())).toMatchObject({
        sensor: SENSOR,
        codes: ['buddy', 'spatial'],
        recomputed: 'same',
        accepted: false,
      })
    }
  })

  test('takes the reading nearest to the time', async () => {
    const atMs = START_MS + 5 * 60_000 + 29_000
    const io = await hedgerow('reading explain 3f2a 2026-06-01T10:05:29Z', answers(evidenceOf(), atMs))
    expect(io.stdout.text()).toContain('27.9 Cel at 2026-06-01 10:05:00 UTC')
    const far = START_MS + 86_000_000
    const none = await hedgerow(`reading explain 3f2a ${new Date(far).toISOString()}`, answers(evidenceOf(), far))
    expect(none.stderr.text()).toContain('has no reading near 2026-06-02 09:53:20 UTC')
    expect(none.code).toBe(EXIT.failure)
  })

  test('says when the region’s verdicts are not what comes out here', async () => {
    const { flags } = evidenceOf()
    const io = await hedgerow(
      'reading explain 3f2a 2026-06-01T10:05Z',
      answers(evidenceOf({ flags: flags.map(() => 0) })),
    )
    expect(io.stdout.text()).toContain('1 verdicts of the window DIFFER')
    expect(io.code).toBe(EXIT.failure)
    const short = await hedgerow(
      'reading explain 3f2a 2026-06-01T10:05Z',
      answers(evidenceOf({ flags: flags.slice(1) })),
    )
    expect(short.code).toBe(EXIT.failure)
    const newer = await hedgerow('reading explain 3f2a 2026-06-01T10:05Z', answers(evidenceOf({ version: 2 })))
    expect(newer.stdout.text()).toContain('judged by version 2 of the rules, and this program has version 1')
    expect(newer.code).toBe(EXIT.ok)
  })

  test('says why nothing was paid', async () => {
    const unpaid = evidenceOf({ paidReadings: 0, paidMicro: '0', rank: 7, unpaidReason: 'rank' })
    const io = await hedgerow('reading explain 3f2a 2026-06-01T10:05Z', answers(unpaid))
    expect(io.stdout.text()).toContain('number 7 in cell 881e15b709fffff in this window and was not paid (rank).')
  })

  test('asks which campaign, sensor and time are meant', async () => {
    const all = answers(evidenceOf())
    const two = { ...all, 'GET /api/campaigns': [campaignOf(), campaignOf({ id: 'bbbbbbbbbbbbbbbb' })] }
    expect((await hedgerow('reading explain 3f2a 2026-06-01T10:05Z', two)).stderr.text()).toContain(
      `Say which one with --campaign: 2 campaigns measured then: ${ID} (temperature), bbbbbbbbbbbbbbbb (temperature).`,
    )
    expect((await hedgerow('reading explain 3f2a 2026-05-01T10:05Z', all)).stderr.text()).toContain(
      'No campaign measured temperature at 2026-05-01 10:05:00 UTC',
    )
    expect((await hedgerow('reading explain dead 2026-06-01', all)).stderr.text()).toContain(
      "There is no sensor 'dead': there are 3f2a00112233aabb (roof/ds18b20), ffff00112233aabb (cellar/ds18b20).",
    )
    expect((await hedgerow('reading explain dead 2026-06-01', { 'GET /api/sensors': [] })).stderr.text()).toContain(
      'no device has announced one yet',
    )
    expect((await hedgerow('reading explain 3f2a yesterday', all)).stderr.text()).toContain("TIME is 'yesterday'")
  })
})

describe('reading export', () => {
  const csv = Buffer.from('time,device\r\n')
  const sensors = { 'GET /api/sensors': [sensorOf()] }

  test('writes a sensor’s readings', async () => {
    const io = await hedgerow('reading export --sensor 3f2a --out r.csv', {
      ...sensors,
      [`GET /api/sensors/${SENSOR}/readings?format=csv`]: csv,
    })
    expect(io.stdout.text()).toBe('r.csv: 13 B of csv\n')
    expect(readFileSync(join(cwd, 'r.csv'))).toEqual(csv)
    expect(existsSync(join(cwd, 'r.csv.part'))).toBe(false)
  })

  test('writes those of a campaign, or of a sensor in one', async () => {
    const from = Date.UTC(2026, 5, 1)
    const answers = {
      ...sensors,
      [`GET /api/campaigns/${ID}/readings?format=senml-cbor&from=${from}&to=${from + 86_400_000}`]: Buffer.from([0x80]),
      [`GET /api/sensors/${SENSOR}/readings?campaign=${ID}&format=senml`]: Buffer.from('[]'),
    }
    const range = '--from 2026-06-01 --to 2026-06-02'
    const io = await hedgerow(
      `reading export --campaign ${ID} --format senml-cbor ${range} --out r.cbor --json`,
      answers,
    )
    expect(JSON.parse(io.stdout.text())).toEqual({ file: 'r.cbor', bytes: 1, format: 'senml-cbor' })
    const piped = await hedgerow(`reading export --campaign ${ID} --sensor 3f2a --format senml`, answers)
    expect(piped.stdout.text()).toBe('[]')
  })

  test('leaves no half a file when the region refuses', async () => {
    const io = await hedgerow('reading export --sensor 3f2a --out r.csv', sensors)
    expect(io.code).toBe(EXIT.failure)
    expect(existsSync(join(cwd, 'r.csv'))).toBe(false)
  })

  test.each([
    ['reading export', 'Name a --sensor, a --campaign, or both'],
    ['reading export --sensor x --format xml', "--format must be one of json, csv, senml, senml-cbor, not 'xml'"],
    ['reading export --sensor x --format senlm', "did you mean 'senml'?"],
    ['reading export --sensor x --json', '--json needs --out FILE'],
  ])('%s is a slip', async (line, words) => {
    const io = await hedgerow(line, {})
    expect(io.code).toBe(EXIT.usage)
    expect(io.stderr.text()).toContain(words)
  })

  test('does not write CBOR to a terminal', async () => {
    expect((await hedgerow('reading export --sensor x --format senml-cbor', {}, true)).code).toBe(EXIT.usage)
  })
})

test.each([
  [0, 900_000, '10:00-10:15'],
  [-5_000, 5_000, '09:59:55-10:00:05'],
  [0, 43_200_000, '10:00-22:00'],
  [0, 86_400_000, '2026-06-01 10:00'],
])('a window from %i ms to %i ms after ten is %s', (from, to, text) => {
  expect(windowText({ fromMs: START_MS + from, toMs: START_MS + to })).toBe(text)
})

test.each(COMMANDS)('$name explains itself', async ({ name, examples }) => {
  const io = await hedgerow(`${name} --help`, {})
  expect(io.code).toBe(EXIT.ok)
  for (const { line } of examples) expect(line.startsWith(`hedgerow ${name}`)).toBe(true)
})
