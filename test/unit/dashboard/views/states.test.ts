import { expect, test } from 'vitest'
import { nameOf, reasonOf, stateOf } from '../../../../dashboard/views/devices-state.ts'
import { isStuck, paceInWords } from '../../../../dashboard/views/jobs-state.ts'
import { deviceRow, jobRow } from '../rows.ts'

test.each([
  ['ready', {}, 'It waits for work.'],
  ['working', { leasesOut: 2 }, 'It works on 2 leases.'],
  ['paused', { lastReason: 'it is too warm' }, 'It is too warm.'],
  // Whoever drains a device overrules what it says itself.
  ['draining', { lastReason: 'it is too warm', drainReason: 'moved' }, 'It finishes what it holds: moved.'],
  ['offline', { online: false, drainReason: 'moved' }, 'It is not connected.'],
  ['caught', { online: false, standing: 'caught', standingReason: 'lied.' }, 'It lied.'],
  ['revoked', { standing: 'revoked', standingReason: 'sold' }, 'Sold.'],
] as const)('a device is %s', (state, changes, reason) => {
  const device = deviceRow(changes)
  expect([stateOf(device), reasonOf(device)]).toEqual([state, reason])
})

test('a device without a label is called by its id', () => {
  expect(nameOf(deviceRow({ label: '' }))).toBe('a'.repeat(26))
})

test.each([
  [{ devices: 2 }, '2 devices at work', false],
  [{}, 'no device is at work on it', true],
  [{ ratePerSecond: 12, etaMs: 61_000, devices: 1 }, '12/s, 1 min 1 s left', false],
  [{ state: 'aggregating' }, 'all units are verified', false],
  [{ state: 'done', finishedAtMs: 3_000 }, 'took 2 s', false],
  [{ state: 'failed', reason: 'out of budget' }, 'out of budget', false],
] as const)('a job that is %j: %s', (changes, pace, stuck) => {
  const job = jobRow(changes)
  expect([paceInWords(job), isStuck(job)]).toEqual([pace, stuck])
})
