import { expect, it } from 'vitest'
import { NO_PAUSE, pauseOf } from '../../../device/pause.ts'

const GOES_ON = { cause: '', reason: '', stopsRunning: false }
const HOT = { cause: 'temperature', reason: 'the processor is at 81 °C', stopsRunning: true }
const BUSY = { cause: 'load', reason: 'other programs use 63 %', stopsRunning: false }
const JOINED = { standing: 'joined', standingReason: '', outboxFull: false, governor: GOES_ON } as const

it.each([
  ['nothing', {}, NO_PAUSE],
  ['heat', { governor: HOT }, { cause: 'temperature', reason: 'the processor is at 81 °C', returns: 'all' }],
  ['load', { governor: BUSY }, { cause: 'load', reason: 'other programs use 63 %', returns: 'waiting' }],
  [
    'an outbox without room even for what would be given back',
    { outboxFull: true, governor: HOT },
    { cause: 'outbox', reason: expect.stringMatching(/^the outbox is full/), returns: 'none' },
  ],
  [
    'its standing before all else',
    { standing: 'caught', standingReason: 'job x', outboxFull: true, governor: HOT } as const,
    { cause: expect.stringMatching(/^standing: .*job x/), reason: expect.stringContaining('job x'), returns: 'none' },
  ],
])('pauses for %s', (_, more, pause) => {
  expect(pauseOf({ ...JOINED, ...more })).toEqual(pause)
})
