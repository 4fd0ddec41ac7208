import { beforeEach, describe, expect, test } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { RegionPolicy } from '../../../../coordinator/config.ts'
import { Fleet } from '../../../../coordinator/fleet/fleet.ts'
import {
  checksToBeBelieved,
  HALF_LIFE_MS,
  openReputation,
  openReputations,
  parseRegionKey,
  type Reputations,
  recordOfOwner,
  signReputation,
  startOf,
} from '../../../../coordinator/reputation/index.ts'
import { createMemoryStore, type DeviceRow, type MemoryStore } from '../../../../coordinator/store/index.ts'
import { credibilityOf } from '../../../../coordinator/verification/index.ts'
import {
  formatVerifierKey,
  logKeyOf,
  logOrigin,
  ownerName,
  type Reputation,
  regionIdOf,
  type Signer,
  toBase64Url,
} from '../../../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'
import { DEVICES, deviceRow, NAMES } from '../../../support/rows.ts'

const EPOCH_MS = 86_400_000
const NOW_MS = 1_800_000_000_000
const [ANN, BOB] = DEVICES
const signer = (byte: number): Signer => nodeSigner(new Uint8Array(32).fill(byte))
const THERE = signer(1)
const ELSEWHERE = signer(2)
const there = regionIdOf(THERE.publicKey)
const verifier = nodeVerifier()
const policy = RegionPolicy({ epochMs: EPOCH_MS })

let store: MemoryStore
let fleet: Fleet
let reputations: Reputations

beforeEach(() => {
  store = createMemoryStore()
  enrol(ANN)
})

function enrol(id: (typeof DEVICES)[number], change: Partial<DeviceRow> = {}): void {
  store.commit([{ table: 'device', row: { ...deviceRow(id), decayedAtMs: NOW_MS, ...change } }])
  open()
}

function open(): void {
  fleet = new Fleet(store.devices(), [], { ...policy, regionThumbprint: new Uint8Array(32) })
  reputations = openReputations(store, { policy, fleet })
}

function step<Result>(work: (batch: Batch) => Result): Result {
  const batch = new Batch()
  const result = work(batch)
  fleet.flush(batch)
  store.commit(batch.writes)
  return result
}

const said = (change: Partial<Reputation> = {}): Reputation => ({
  region: there,
  subject: { kind: 'device', id: ANN },
  checksPassed: 20,
  unitsAccepted: 5_000,
  unitsRejected: 0,
  sinceMs: NOW_MS - HALF_LIFE_MS,
  atMs: NOW_MS - 1_000,
  ...change,
})
const take = (change: Partial<Reputation> = {}, nowMs = NOW_MS) =>
  step(batch => reputations.import(said(change), nowMs, batch))
const checksOf = (id: typeof ANN) => fleet.member(id)?.row.checksPassed
const tick = (nowMs: number) => step(batch => reputations.tick({ wallMs: nowMs, monotonicMs: nowMs }, batch))

describe('a signed statement [REP-2.1]', () => {
  const keyOf = (region: string) => (region === there ? THERE.publicKey : null)

  test('of a trusted region is read', () => {
    const frame = signReputation(said(), THERE)
    expect(openReputation(frame, keyOf, verifier)).toEqual({ region: there, reputation: said() })
  })

  test('of an owner is bound to the owner', () => {
    const reputation = said({ subject: { kind: 'owner', name: NAMES.owner } })
    expect(openReputation(signReputation(reputation, THERE), keyOf, verifier).reputation).toEqual(reputation)
  })

  test('of another region says nothing', () => {
    const elsewhere = regionIdOf(ELSEWHERE.publicKey)
    const frame = signReputation(said({ region: elsewhere }), ELSEWHERE)
    expect(openReputation(frame, keyOf, verifier)).toEqual({ region: elsewhere, reputation: null })
  })

  test('that another key signed in the name of a trusted region is refused', () => {
    expect(() => openReputation(signReputation(said(), ELSEWHERE), keyOf, verifier)).toThrow('signature')
  })

  test('with any byte changed is refused', () => {
    const frame = signReputation(said(), THERE)
    for (let at = 0; at < frame.length; at++) {
      const changed = frame.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      let read: Reputation | null = null
      try {
        read = openReputation(changed, keyOf, verifier).reputation
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^bad_/) })
      }
      // A changed name of the region leads to nobody's key.
      expect(read).toBeNull()
    }
  })
})

describe('what a statement is worth [REP-2.2]', () => {
  const start = (change: Partial<Reputation>, nowMs = NOW_MS) => startOf(said({ atMs: NOW_MS, ...change }), nowMs, 0.1)

  test('is half of the checks', () => {
    expect([0, 1, 2, 3, 20, 21].map(checksPassed => start({ checksPassed }))).toEqual([0, 0, 1, 1, 10, 10])
  })

  test('is less when it is older', () => {
    expect(start({ checksPassed: 40 }, NOW_MS + HALF_LIFE_MS + 1_000)).toBe(10)
  })

  test('is nothing for a device that was found wrong', () => {
    expect(start({ unitsRejected: 1 })).toBe(0)
  })

  test.each([0.01, 0.1, 0.3])('never makes a single word enough for theta 0.999, with %d saboteurs', share => {
    const most = startOf(said({ checksPassed: 1_000_000 }), NOW_MS, share)
    expect(credibilityOf(most, share)).toBeLessThan(0.999)
    expect(credibilityOf(most + 1, share)).toBeGreaterThanOrEqual(0.999)
    expect(most).toBe(checksToBeBelieved(share) - 1)
  })

  test('with a tenth of saboteurs is 40 checks at most', () => {
    expect(checksToBeBelieved(0.1)).toBe(41)
  })
})

describe('a device from another region [REP-2.3]', () => {
  test('that is here and has not worked starts with it, which is kept', () => {
    expect(take()).toEqual({ status: 'applied', checks: 10 })
    open()
    expect(checksOf(ANN)).toBe(10)
  })

  test('that joins later starts with it then, also after a restart', () => {
    expect(take({ subject: { kind: 'device', id: BOB } })).toEqual({ status: 'waiting', checks: 10 })
    open()
    tick(NOW_MS)
    enrol(BOB)
    tick(NOW_MS + 1)
    expect(checksOf(BOB)).toBe(10)
    // Once: what it loses does not come back.
    const member = fleet.member(BOB)
    if (member) {
      member.row.checksPassed = 0
      fleet.touch(member)
    }
    tick(NOW_MS + 2)
    open()
    tick(NOW_MS + 3)
    expect(checksOf(BOB)).toBe(0)
  })

  test.each<[string, Partial<DeviceRow>]>([
    ['has work accepted', { unitsAccepted: 1 }],
    ['was found wrong', { unitsRejected: 1 }],
    ['has passed a check', { checksPassed: 1 }],
    ['is caught', { standing: 'caught' }],
  ])('that %s here is judged by that', (_what, change) => {
    enrol(ANN, change)
    expect(take()).toEqual({ status: 'known_here' })
    expect(checksOf(ANN)).toBe(change.checksPassed ?? 0)
  })

  test('whose statement waits, and which begins here before it is seen, is judged by that', () => {
    take({ subject: { kind: 'device', id: BOB } })
    enrol(BOB, { unitsAccepted: 3 })
    tick(NOW_MS)
    expect(checksOf(BOB)).toBe(0)
  })

  test('gets nothing by a statement about another device', () => {
    take({ subject: { kind: 'device', id: BOB } })
    tick(NOW_MS)
    expect(checksOf(ANN)).toBe(0)
  })

  test.each<[string, Partial<Reputation>, string]>([
    ['an owner', { subject: { kind: 'owner', name: NAMES.owner } }, 'about_an_owner'],
    ['a time to come', { atMs: NOW_MS + 3_600_001 }, 'from_the_future'],
    ['more than ninety days ago', { atMs: NOW_MS - HALF_LIFE_MS - 1 }, 'stale'],
    ['too few checks', { checksPassed: 1 }, 'worthless'],
    ['a device that was found wrong', { unitsRejected: 2 }, 'worthless'],
  ])('gets nothing by a statement of %s', (_what, change, status) => {
    expect(take({ ...change, sinceMs: 0 })).toEqual({ status })
    expect(checksOf(ANN)).toBe(0)
  })

  test('gets nothing by the same statement again, or by an older one', () => {
    const bob = { subject: { kind: 'device', id: BOB } } as const
    take({ ...bob, atMs: NOW_MS - 5_000 })
    expect(take({ ...bob, atMs: NOW_MS - 5_000, checksPassed: 30 })).toEqual({ status: 'stale' })
    expect(take({ ...bob, atMs: NOW_MS - 6_000, checksPassed: 30 })).toEqual({ status: 'stale' })
    // While it waits, a newer one takes the place of the older.
    expect(take({ ...bob, atMs: NOW_MS - 4_000, checksPassed: 30 })).toEqual({ status: 'waiting', checks: 15 })
    enrol(BOB)
    tick(NOW_MS)
    expect(checksOf(BOB)).toBe(15)
    expect(take({ ...bob, atMs: NOW_MS - 3_000, checksPassed: 60 })).toEqual({ status: 'known_here' })
  })
})

describe('trusted regions', () => {
  const key = { region: there, publicKey: THERE.publicKey }

  test('are kept, once each, and can be taken away with what has not been used', () => {
    step(batch => reputations.trust(key, NOW_MS, batch))
    step(batch => reputations.trust(key, NOW_MS + 5, batch))
    take({ subject: { kind: 'device', id: BOB } })
    open()
    expect(reputations.trusted()).toEqual([{ ...key, addedAtMs: NOW_MS }])
    expect(reputations.keyOf(there)).toEqual(THERE.publicKey)
    expect(step(batch => reputations.distrust(there, batch))).toBe(true)
    expect(step(batch => reputations.distrust(there, batch))).toBe(false)
    open()
    expect(reputations.keyOf(there)).toBeNull()
    enrol(BOB)
    tick(NOW_MS)
    expect(checksOf(BOB)).toBe(0)
  })

  test('are named by the verifier key of their log, or by their key', () => {
    const ofLog = formatVerifierKey(logKeyOf(logOrigin(there), THERE.publicKey))
    expect(parseRegionKey(ofLog)).toEqual(key)
    expect(parseRegionKey(toBase64Url(THERE.publicKey))).toEqual(key)
  })

  test.each([
    ['nothing', ''],
    ['a short key', 'abcd'],
    ['a weak key', toBase64Url(new Uint8Array(32))],
    ['another region’s name', formatVerifierKey(logKeyOf(logOrigin(regionIdOf(ELSEWHERE.publicKey)), THERE.publicKey))],
    ['a witness', formatVerifierKey(logKeyOf('somebody.example/log/1', THERE.publicKey))],
  ])('are not named by %s', (_what, text) => {
    expect(() => parseRegionKey(text)).toThrow('is not the key of a region')
  })
})

describe('checks that were passed here [REP-1.2]', () => {
  test('fade, a half in ninety days, whenever an epoch begins', () => {
    enrol(ANN, { checksPassed: 100 })
    // Each loss waits for a whole millisecond, so a few are over after the ninetieth day began.
    for (let day = 0; day <= 91; day++) tick(NOW_MS + day * EPOCH_MS)
    expect(checksOf(ANN)).toBe(50)
    open()
    expect(checksOf(ANN)).toBe(50)
    for (let day = 92; day <= 181; day++) tick(NOW_MS + day * EPOCH_MS)
    expect(checksOf(ANN)).toBe(25)
  })

  test('do not fade for the time before there were any', () => {
    enrol(ANN)
    for (let day = 0; day <= 300; day++) tick(NOW_MS + day * EPOCH_MS)
    const member = fleet.member(ANN)
    if (member) fleet.passedCheck(member)
    tick(NOW_MS + 301 * EPOCH_MS)
    expect(checksOf(ANN)).toBe(1)
  })
})

describe('an owner [REP-1.3]', () => {
  const rows = (...changes: Partial<DeviceRow>[]): DeviceRow[] =>
    changes.map(change => ({ ...deviceRow(ANN), ...change }))

  test('has the checks of all devices, each up to what makes one believed', () => {
    expect(
      recordOfOwner(rows({ checksPassed: 3 }, { checksPassed: 500, unitsAccepted: 9, joinedAtMs: 4 }), 0.1),
    ).toEqual({
      checksPassed: 44,
      unitsAccepted: 9,
      unitsRejected: 0,
      sinceMs: 4,
    })
  })

  test('has none while a device of theirs is caught, and not those of revoked ones', () => {
    const caught = { standing: 'caught', unitsRejected: 2 } as const
    expect(recordOfOwner(rows({ checksPassed: 9 }, caught), 0.1)).toMatchObject({ checksPassed: 0, unitsRejected: 2 })
    expect(recordOfOwner(rows({ checksPassed: 9 }, { checksPassed: 8, standing: 'revoked' }), 0.1).checksPassed).toBe(9)
  })

  test('is found by name', () => {
    enrol(BOB, { owner: ownerName('bob'), checksPassed: 7 })
    expect(reputations.ofOwner(ownerName('bob'))).toMatchObject({ checksPassed: 7 })
    expect(reputations.ofOwner(ownerName('nobody'))).toBeNull()
  })
})
