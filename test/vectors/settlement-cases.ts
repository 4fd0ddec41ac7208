/** Receipts, statements and reputations. */
import { campaignId, ownerName } from '../../protocol/ids.ts'
import { sensorId } from '../../protocol/readings/index.ts'
import type { Reputation, Statement } from '../../protocol/settlement/index.ts'
import { b, bytesFaults, type Cases, MAX, rangeFaults, uintFaults } from './faults.ts'
import { DEVICE_ID, REGION_ID } from './keys.ts'

const CAMPAIGN = campaignId('campaign23456723')

const receipt: Cases = {
  name: 'receipt',
  valid: [{ title: 'an entry and its proof', input: { session: 3, entry: b(80), proof: b(300) } }],
  invalid: [
    ...uintFaults('session', [0]),
    { title: 'no entry', at: [1], to: b(0), field: 'entry' },
    { title: 'an entry too long', at: [1], to: b(257), field: 'entry' },
    { title: 'the entry is a text', at: [1], to: 'x', field: 'entry' },
    { title: 'no proof', at: [2], to: b(0), field: 'proof' },
    { title: 'a proof too long', at: [2], to: b(2_049), field: 'proof' },
    { title: 'the proof is null', at: [2], to: null, field: 'proof' },
  ],
}

const verdict: Statement = {
  kind: 'dispute-verdict',
  seq: 3,
  campaign: CAMPAIGN,
  windowMs: 1_795_000_000_000,
  sensor: sensorId('0011223344556677'),
  reason: 'The sensor stands by a busy road.',
}

const statement: Cases = {
  name: 'statement',
  valid: [
    { title: 'where the earnings go', input: { kind: 'payout-address', seq: 1, address: b(20) } },
    { title: 'a dispute about a lease', input: { kind: 'dispute-lease', seq: 2, lease: 41, reason: 'It ran twice.' } },
    { title: 'a dispute about a verdict', input: verdict },
    { title: 'a price floor', input: { kind: 'price-floor', seq: MAX, gigafuelMicro: 20_000n, readingMicro: 100n } },
    {
      title: 'the highest price floor',
      input: {
        kind: 'price-floor',
        seq: 5,
        gigafuelMicro: 1_000_000_000_000n,
        readingMicro: 9_223_372_036_854_775_807n,
      },
    },
  ],
  invalid: [
    { title: 'an unknown kind', at: [0], to: 4, field: 'payload' },
    { title: 'a kind of another length', at: [0], to: 1, field: 'payload' },
    ...rangeFaults('seq', [1], 1, MAX),
    ...bytesFaults('address', [2], 20),
  ],
}

const reputed: Reputation = {
  region: REGION_ID,
  subject: { kind: 'device', id: DEVICE_ID },
  checksPassed: 120,
  unitsAccepted: 48_000,
  unitsRejected: 2,
  sinceMs: 1_790_000_000_000,
  atMs: 1_795_000_000_000,
}

const reputation: Cases = {
  name: 'reputation',
  valid: [
    { title: 'a device', input: reputed },
    { title: 'an owner', input: { ...reputed, subject: { kind: 'owner', name: ownerName('ada') } } },
  ],
  invalid: [
    ...rangeFaults('version', [0], 1, 1),
    { title: 'a region id that is too short', at: [1], to: 'a'.repeat(25), field: 'region' },
    ...rangeFaults('subjectKind', [2], 0, 1),
    { title: 'a device by an owner’s name', at: [3], to: 'ada', field: 'subject' },
    ...uintFaults('checksPassed', [4]),
    ...uintFaults('unitsAccepted', [5]),
    ...uintFaults('unitsRejected', [6]),
    ...rangeFaults('sinceMs', [7], 0, 8_640_000_000_000_000),
    { title: 'it ends before it begins', at: [8], to: 1_789_999_999_999, field: 'atMs', beyondCddl: true },
    { title: 'atMs is beyond the last date', at: [8], to: 8_640_000_000_000_001, field: 'atMs' },
  ],
}

/** Messages of settlement. */
export const SETTLEMENT_CASES: readonly Cases[] = [receipt, statement, reputation]
