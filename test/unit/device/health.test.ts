import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { healthReader } from '../../../device/health.ts'
import { keepLog } from '../../support/device/fake-parts.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const newFolder = tempDirs()

it('treats a board that answers nonsense as one that says nothing, and complains once', () => {
  const root = newFolder()
  const zone = join(root, 'sys/class/thermal/thermal_zone0')
  mkdirSync(zone, { recursive: true })
  writeFileSync(join(zone, 'type'), 'cpu-thermal\n')
  writeFileSync(join(zone, 'temp'), 'warm\n')
  const { log, events } = keepLog()
  const read = healthReader(log, { root })
  expect(read()).toEqual({ socTemperatureMilliC: null, underVoltage: null, throttled: null })
  read()
  expect(events.map(({ event }) => event)).toEqual(['board_unreadable'])
  writeFileSync(join(zone, 'temp'), '51000\n')
  expect(read()).toMatchObject({ socTemperatureMilliC: 51_000 })
})
