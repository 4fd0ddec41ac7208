import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { TrafficMeter } from '../../../../device/governor/traffic-meter.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()
const SEPTEMBER = new Date(2026, 8, 26, 12).getTime()
const OCTOBER = new Date(2026, 9, 1, 0).getTime()

const wlan = (bytes: number) => ({ name: 'wlan0', bytes })
const meter = (path: string, boot = 'a', keeps = true) => new TrafficMeter({ path, boot, keeps })
const newPath = () => join(newFolder(), 'traffic.json')

it('counts from its first look on, over interfaces and their restarts', () => {
  const one = meter(newPath())
  const counts = [wlan(5_000), wlan(5_300), { name: 'wwan0', bytes: 40 }, null, wlan(5_400), wlan(10)]
  expect(counts.map((count, i) => one.count(count, SEPTEMBER, i * 5_000).bytes)).toEqual([0, 300, 340, 340, 440, 450])
})

it('begins anew with the month', () => {
  const one = meter(newPath())
  one.count(wlan(100), SEPTEMBER, 0)
  one.count(wlan(600), SEPTEMBER, 1)
  expect(one.count(wlan(650), OCTOBER, 2)).toEqual({ bytes: 50 })
})

it('goes on after a restart of the device, and of the machine', () => {
  const path = newPath()
  const first = meter(path)
  first.count(wlan(100), SEPTEMBER, 0)
  first.count(wlan(600), SEPTEMBER, 1)
  first.save(2)
  // The same start of the machine: what was moved meanwhile counts.
  const second = meter(path)
  expect(second.count(wlan(700), SEPTEMBER, 0)).toEqual({ bytes: 600 })
  second.save(1)
  // Another start: the interface has counted from 0.
  expect(meter(path, 'b').count(wlan(30), SEPTEMBER, 0)).toEqual({ bytes: 630 })
})

it('writes seldom', () => {
  const path = newPath()
  const one = meter(path)
  one.count(wlan(0), SEPTEMBER, 0)
  const before = readFileSync(path, 'utf8')
  one.count(wlan(500), SEPTEMBER, 599_999)
  expect(readFileSync(path, 'utf8')).toBe(before)
  one.count(wlan(500), SEPTEMBER, 600_000)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ month: '2026-09', bytes: 500 })
})

it('writes nothing for somebody who only looks', () => {
  const path = newPath()
  meter(path, 'a', false).count(wlan(0), SEPTEMBER, 0)
  expect(existsSync(path)).toBe(false)
})

it.each(['', '{', '[]', '{"month":3,"bytes":1}', '{"month":"2026-09","bytes":-1}', '{"month":"2026-09","bytes":"7"}'])(
  'begins anew with a damaged file: %s',
  text => {
    const path = newPath()
    writeFileSync(path, text)
    expect(meter(path).count(wlan(9), SEPTEMBER, 0)).toEqual({ bytes: 0 })
  },
)

it('counts in memory where it cannot write', () => {
  const path = newPath()
  mkdirSync(`${path}.new`)
  const one = meter(path)
  one.count(wlan(1), SEPTEMBER, 0)
  expect(one.count(wlan(3), SEPTEMBER, 1)).toEqual({ bytes: 2 })
})
