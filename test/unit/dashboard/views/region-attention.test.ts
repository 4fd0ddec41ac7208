import { expect, test } from 'vitest'
import type { PublicCell } from '../../../../coordinator/http/live-api.ts'
import { attentionOf, type Known } from '../../../../dashboard/views/region-attention.ts'
import { digestCells } from '../../../../dashboard/views/region-readings-digest.ts'
import { deviceRow, jobRow } from '../rows.ts'

const NOTHING: Known = {
  region: null,
  ready: null,
  devices: [],
  jobs: [],
  sensors: [],
  cells: [],
  stuckReasons: new Map(),
}
const CELL: PublicCell = {
  campaign: 'c',
  name: '',
  quantity: 'temperature',
  unit: 'Cel',
  cell: '881f8d4887fffff',
  fromMs: 0,
  toMs: 60_000,
  value: '21.5',
  least: '21',
  greatest: '22',
  sensors: 1,
  accepted: 9,
  readings: 10,
}

test('where all is well there is nothing to look at', () => {
  const jobs = [jobRow({ ratePerSecond: 3, devices: 1 }), jobRow({ state: 'done' })]
  expect(attentionOf({ ...NOTHING, devices: [deviceRow()], jobs, cells: [CELL] })).toEqual([])
})

test('the worst comes first, each with its reason and the way to it', () => {
  const offline = deviceRow({ id: 'off', label: 'roof', online: false })
  const caught = deviceRow({ id: 'bad', label: 'liar', standing: 'caught', standingReason: 'lied' })
  const job = jobRow()
  const stuckReasons = new Map([[job.id, 'No device is online.']])
  const found = attentionOf({ ...NOTHING, devices: [offline, caught], jobs: [job], stuckReasons })
  expect(found.map(({ title, detail, href }) => [title, detail, href])).toEqual([
    ['liar was caught', 'It lied.', '#/devices/bad'],
    ['primes gets nowhere', 'No device is online.', `#/jobs/${job.id}`],
    ['roof is offline', 'Its owner is greta.', '#/devices/off'],
  ])
})

test('many of a kind are counted, and lead to their list', () => {
  const devices = Array.from({ length: 4 }, (_, i) => deviceRow({ id: `${i}`, online: false }))
  expect(attentionOf({ ...NOTHING, devices })).toEqual([
    { key: 'offline', tone: 'warn', title: '4 devices are offline', detail: '', href: '#/devices?state=offline' },
  ])
})

test('a quantity of which nothing is accepted is named, also when the region is not ready', () => {
  const cells = [{ ...CELL, value: null, accepted: 0 }]
  const ready = { ready: false, checks: [{ name: 'disk', ok: false, says: 'The disk is full.' }] } as const
  const titles = attentionOf({ ...NOTHING, cells, ready: { ...ready, checks: [...ready.checks] } }).map(
    ({ title }) => title,
  )
  expect(titles).toEqual(['The disk is full.', 'Air temperature: no reading was accepted in 1 cell'])
})

test('cells are digested by quantity: a value in the middle that was measured, and the whole range', () => {
  const cells = [
    { ...CELL, cell: 'a', value: '9.5', least: '9', greatest: '10' },
    { ...CELL, cell: 'b', value: '21.5', toMs: 120_000 },
    { ...CELL, cell: 'c', value: null, least: null, greatest: null, accepted: 0 },
    { ...CELL, quantity: 'humidity', unit: '%RH', value: null, least: null, greatest: null },
  ]
  const [humidity, temperature] = digestCells(cells)
  expect([humidity?.quantity, humidity?.middle]).toEqual(['humidity', null])
  expect(temperature).toEqual({
    quantity: 'temperature',
    unit: 'Cel',
    middle: '9.5',
    least: '9',
    greatest: '22',
    cells: 3,
    sensors: 3,
    accepted: 18,
    readings: 30,
    newestMs: 120_000,
  })
})
