import { expect, test } from 'vitest'
import type { Dispute } from '../../../../coordinator/http/dispute-api.ts'
import { disputedBy, howFar, subjectOf } from '../../../../dashboard/views/disputes-state.ts'

const dispute: Dispute = {
  id: 'hbbk3g7bngxncomv',
  state: 'open',
  stage: 'second_look',
  submitter: 'lab',
  account: 'submitter:lab',
  depositMicro: '1000',
  reason: 'that is nonsense',
  detail: '',
  lease: 7,
  job: 'b'.repeat(16),
  campaign: null,
  windowMs: null,
  sensor: null,
  openedAtMs: 1_000,
  endedAtMs: null,
}

test('a dispute is about a lease of a job, or about a sensor at a time', () => {
  expect(subjectOf(dispute, 'primes')).toBe('lease 7 of primes')
  const verdict = { ...dispute, lease: null, job: null, sensor: 'roof-1', windowMs: Date.UTC(2026, 5, 1, 10, 5) }
  expect(subjectOf(verdict, '')).toMatch(/^sensor roof-1 at 1 Jun 2026, \d\d:05$/)
})

test('says what is done while it is open, and afterwards how it ended', () => {
  expect(howFar(dispute)).toBe('Devices of other owners run it again.')
  expect(howFar({ stage: null, detail: 'The result is wrong.' })).toBe('The result is wrong.')
})

test.each([
  ['submitter:lab', 'lab'],
  ['available:aaaa', 'aaaa'],
  ['slashed', 'the region itself'],
])('%s disputes as %s', (account, name) => {
  expect(disputedBy({ account })).toBe(name)
})
