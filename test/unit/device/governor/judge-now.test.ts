import { expect, it } from 'vitest'
import { judgeNow } from '../../../../device/governor/judge-now.ts'
import { GovernorPolicy, type Readings } from '../../../../device/index.ts'
import { settle, VirtualClock } from '../../../support/virtual-clock.ts'

it('looks twice, and waits for nothing', async () => {
  const clock = new VirtualClock()
  const policy = GovernorPolicy({
    loadMax: 0.5,
    idleMs: 900_000,
    conditions: [{ name: 'sun', source: { file: 'x' }, demand: { atLeast: 5 } }],
  })
  const looks: Partial<Readings>[] = [
    { socTemperatureMilliC: 90_000, load: { processors: 2, othersMs: 0 } },
    {
      socTemperatureMilliC: 50_000,
      load: { processors: 2, othersMs: 3_000 },
      conditions: new Map([['sun', { text: '9', ageMs: 0, fault: '' }]]),
    },
  ]
  const board = { socTemperatureMilliC: null, underVoltage: null, throttled: null }
  const judged = judgeNow(policy, { read: () => ({ ...board, ...looks.shift() }) }, clock, 2_000)
  await settle()
  await clock.advance(2_000)
  expect(await judged).toEqual([
    { rule: 'temperature', paused: false, reading: '50 °C', limit: 'below 80 °C' },
    { rule: 'under-voltage', paused: false, reading: 'not known here', limit: 'no' },
    { rule: 'throttled', paused: false, reading: 'not known here', limit: 'no' },
    { rule: 'load', paused: true, reading: '75 %', limit: 'at most 50 %' },
    { rule: 'condition sun', paused: false, reading: '9', limit: 'at least 5' },
  ])
})
