import { describe, expect, test } from 'vitest'
import { exportCampaign, exportSensor, type ReadingsFile } from '../../../../coordinator/outputs/index.ts'
import {
  decodeSenmlCbor,
  decodeSenmlJson,
  flag,
  fromUtf8,
  type ReadingFormat,
  resolveSenml,
  type SensorId,
  seriesOf,
} from '../../../../protocol/index.ts'
import { DEVICES } from '../../../support/rows.ts'
import { CAMPAIGNS } from '../../../support/sensing-rows.ts'
import { MORNING_MS, StoredReadings } from '../../../support/stored-readings.ts'

const [device] = DEVICES
const [campaign] = CAMPAIGNS
const CHANNELS = [
  { quantity: 'pm2.5', unit: 'ug/m3', exponent: -1 },
  { quantity: 'temperature', unit: 'Cel', exponent: -2 },
]

function bytesOf({ chunks }: ReadingsFile): Uint8Array {
  return Buffer.concat([...chunks])
}

function textOf(file: ReadingsFile): string {
  return fromUtf8(bytesOf(file))
}

/** Three readings of particles, of which one jumped and one is missing, and one of temperature that nobody judged. */
function stored(): { world: StoredReadings; sensor: SensorId } {
  const world = new StoredReadings()
  world.device(device, 'shed')
  const sensor = world.sensor(device, 'bme,680', CHANNELS)
  world.campaign(campaign, 'pm2.5')
  world.frame({ device, sensor, quantity: 'pm2.5', fromMs: MORNING_MS, values: [123, 990, null] })
  world.frame({ device, sensor, quantity: 'temperature', fromMs: MORNING_MS + 60_000, values: [-1205] })
  world.judge(campaign, MORNING_MS, { sensor, device }, [flag('isolated'), flag('jump'), flag('missing')])
  return { world, sensor }
}

describe('readings of a sensor', () => {
  test('as CSV', () => {
    const { world, sensor } = stored()
    const file = exportSensor(world.source(), sensor, { format: 'csv' })
    expect(file.mediaType).toBe('text/csv; charset=utf-8')
    const of = `${device},${sensor},"bme,680"`
    expect(textOf(file)).toBe(
      [
        'time,device,sensor,model,quantity,unit,value,verdict',
        `2026-11-21T08:00:00.000Z,${of},pm2.5,ug/m3,12.3,accepted+isolated`,
        `2026-11-21T08:01:00.000Z,${of},pm2.5,ug/m3,99.0,jump`,
        `2026-11-21T08:01:00.000Z,${of},temperature,Cel,-12.05,`,
        `2026-11-21T08:02:00.000Z,${of},pm2.5,ug/m3,,missing`,
        '',
      ].join('\r\n'),
    )
  })

  test('as JSON', () => {
    const { world, sensor } = stored()
    const file = exportSensor(world.source(), sensor, { format: 'json', fromMs: MORNING_MS + 60_000 })
    expect(JSON.parse(textOf(file))).toEqual([
      { atMs: MORNING_MS + 60_000, quantity: 'pm2.5', unit: 'ug/m3', value: '99.0', codes: ['jump'], accepted: false },
      { atMs: MORNING_MS + 60_000, quantity: 'temperature', unit: 'Cel', value: '-12.05', codes: null, accepted: null },
      {
        atMs: MORNING_MS + 120_000,
        quantity: 'pm2.5',
        unit: 'ug/m3',
        value: null,
        codes: ['missing'],
        accepted: false,
      },
    ])
  })

  test.each<[ReadingFormat, string, typeof decodeSenmlJson]>([
    ['senml', 'application/senml+json', decodeSenmlJson],
    ['senml-cbor', 'application/senml+cbor', decodeSenmlCbor],
  ])('as %s, which reads back without losing a digit', (format, mediaType, decode) => {
    const { world, sensor } = stored()
    const file = exportSensor(world.source(), sensor, { format })
    expect(file.mediaType).toBe(mediaType)
    const records = decode(bytesOf(file))
    expect(records[0]?.bver).toBe(26)
    const resolved = resolveSenml(records, 0)
    const name = `${device}/${sensor}`
    expect(seriesOf(resolved, series => (series.endsWith('temperature') ? -2 : -1))).toEqual([
      {
        ...{ name: `${name}/pm2.5`, unit: 'ug/m3', exponent: -1, periodMs: 60_000 },
        points: [
          { atMs: MORNING_MS, scaled: 123 },
          { atMs: MORNING_MS + 60_000, scaled: 990 },
        ],
      },
      {
        ...{ name: `${name}/temperature`, unit: 'Cel', exponent: -2, periodMs: 60_000 },
        points: [{ atMs: MORNING_MS + 60_000, scaled: -1205 }],
      },
    ])
    expect(resolved.filter(({ vs }) => vs).map(({ n, t, vs }) => [n, t, vs])).toEqual([
      [`${name}/pm2.5/verdict`, MORNING_MS / 1_000, 'accepted+isolated'],
      [`${name}/pm2.5/verdict`, MORNING_MS / 1_000 + 60, 'jump'],
      [`${name}/temperature/verdict`, MORNING_MS / 1_000 + 60, 'unverified'],
    ])
  })

  test('of statistics as SenML have their spread beside them', () => {
    const world = new StoredReadings()
    world.device(device, 'shed')
    const sensor = world.sensor(device, 'bme', CHANNELS)
    world.frame({ device, sensor, quantity: 'temperature', fromMs: MORNING_MS, values: [[2000, 1900, 2100, 15]] })
    const resolved = resolveSenml(
      decodeSenmlJson(bytesOf(exportSensor(world.source(), sensor, { format: 'senml' }))),
      0,
    )
    const values = resolved.flatMap(({ n, v, u }) => (v === undefined ? [] : [[n.split('/').slice(2).join('/'), v, u]]))
    expect(values).toEqual([
      ['temperature', 20, 'Cel'],
      ['temperature/min', 19, 'Cel'],
      ['temperature/max', 21, 'Cel'],
      ['temperature/count', 15, 'count'],
    ])
  })

  test.each<[ReadingFormat, string]>([
    ['csv', 'time,device,sensor,model,quantity,unit,value,verdict\r\n'],
    ['json', '[]\n'],
    ['senml', '[]\n'],
    ['senml-cbor', '\x80'],
  ])('that has none are still a file, as %s', (format, expected) => {
    const { world, sensor } = stored()
    const file = exportSensor(world.source(), sensor, { format, toMs: MORNING_MS })
    expect(Buffer.from(bytesOf(file)).toString('latin1')).toBe(expected)
  })

  test('come in pieces, so that a long file is never whole in memory', () => {
    const world = new StoredReadings()
    world.device(device, 'shed')
    const sensor = world.sensor(device, 'bme', CHANNELS)
    const values = Array.from({ length: 2_500 }, (_, index) => index)
    world.frame({ device, sensor, quantity: 'temperature', fromMs: MORNING_MS, values })
    for (const format of ['csv', 'json', 'senml'] as const) {
      const pieces = [...exportSensor(world.source(), sensor, { format }).chunks]
      expect(pieces.length).toBeGreaterThanOrEqual(4)
      const whole = fromUtf8(Buffer.concat(pieces))
      if (format === 'csv') expect(whole.split('\r\n')).toHaveLength(2_502)
      if (format === 'json') expect(JSON.parse(whole)).toHaveLength(2_500)
      if (format === 'senml') expect(resolveSenml(decodeSenmlJson(Buffer.from(whole)), 0)).toHaveLength(2_501)
    }
    const cbor = decodeSenmlCbor(bytesOf(exportSensor(world.source(), sensor, { format: 'senml-cbor' })))
    expect(resolveSenml(cbor, 0)).toHaveLength(2_501)
  })

  test('of a campaign are of its quantity and have its verdicts only', () => {
    const { world, sensor } = stored()
    const other = CAMPAIGNS[1]
    world.campaign(other, 'pm2.5', 3_600_000)
    world.judge(other, MORNING_MS, { sensor, device }, [flag('range'), flag('range'), flag('range')])
    const verdicts = (of?: typeof other) => {
      const file = exportSensor(world.source(), sensor, { format: 'csv', ...(of && { campaign: of }) })
      return textOf(file)
        .trim()
        .split('\r\n')
        .slice(1)
        .map(line => line.split(',').at(-1))
    }
    expect(verdicts()).toEqual(['range+isolated', 'range+jump', '', 'missing+range'])
    expect(verdicts(campaign)).toEqual(['accepted+isolated', 'jump', 'missing'])
    expect(verdicts(other)).toEqual(['range', 'range', 'range'])
  })

  test('that is not there, or of a campaign about something else, is refused in a sentence', () => {
    const { world, sensor } = stored()
    world.campaign(CAMPAIGNS[1], 'co2')
    const unknown = '00'.repeat(8) as SensorId
    expect(() => exportSensor(world.source(), unknown, { format: 'csv' })).toThrow(`There is no sensor ${unknown}`)
    const wrong = () => exportSensor(world.source(), sensor, { format: 'csv', campaign: CAMPAIGNS[1] })
    expect(wrong).toThrow(`There is no campaign ${CAMPAIGNS[1]} about pm2.5 or temperature`)
  })
})

describe('readings of a campaign', () => {
  test('are those it has judged, window by window', () => {
    const world = new StoredReadings()
    const sensors = [DEVICES[0], DEVICES[1]].map(id => {
      world.device(id, 'shed')
      return { device: id, sensor: world.sensor(id, 'sds011', CHANNELS.slice(0, 1)) }
    })
    world.campaign(campaign, 'pm2.5')
    for (const { device, sensor } of sensors) {
      const values = Array.from({ length: 120 }, (_, minute) => minute)
      world.frame({ device, sensor, quantity: 'pm2.5', fromMs: MORNING_MS - 3_600_000, values })
      const flags = Array.from({ length: 15 }, () => 0)
      for (const window of [0, 1]) world.judge(campaign, MORNING_MS + window * 900_000, { sensor, device }, flags)
    }
    const lines = textOf(exportCampaign(world.source(), campaign, 'pm2.5', { format: 'csv' }))
      .trim()
      .split('\r\n')
    const rows = lines.slice(1).map(line => line.split(','))
    expect(rows).toHaveLength(60)
    const ascending = sensors.map(({ sensor }) => sensor).toSorted()
    const order = [0, 15, 30, 45].map(at => [rows[at]?.[0]?.slice(11, 16), rows[at]?.[2]])
    expect(order).toEqual([
      ['08:00', ascending[0]],
      ['08:00', ascending[1]],
      ['08:15', ascending[0]],
      ['08:15', ascending[1]],
    ])
    const part = { format: 'csv', fromMs: MORNING_MS + 600_000, toMs: MORNING_MS + 960_000 } as const
    expect(
      textOf(exportCampaign(world.source(), campaign, 'pm2.5', part))
        .trim()
        .split('\r\n'),
    ).toHaveLength(13)
    expect(() => exportCampaign(world.source(), CAMPAIGNS[2], 'pm2.5', part)).toThrow('There is no campaign')
  })
})
