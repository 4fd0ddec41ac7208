import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { Fleet, type JoinInput, type Member } from '../../../../coordinator/fleet/fleet.ts'
import type { ClaimRow, DeviceRow } from '../../../../coordinator/store/index.ts'
import {
  claimId,
  claimKey,
  claimProof,
  deviceIdOf,
  type Hello,
  keyThumbprint,
  type Standing,
  seededRandom,
  toHex,
} from '../../../../protocol/index.ts'
import { nodeSigner } from '../../../../protocol/node/index.ts'
import { claimRow, deviceRow } from '../../../support/rows.ts'

const REGION_THUMBPRINT = new Uint8Array(32).fill(9)
const SECRET = new Uint8Array(16).fill(1)
const NOW_MS = 500

const keyOf = (name: string): Uint8Array => nodeSigner(seededRandom(name).bytes(32)).publicKey
const PI = keyOf('pi')
const BOX = keyOf('box')

const HELLO: Hello = {
  session: 3,
  seq: 1,
  label: 'attic',
  software: 'hedgerow/0.1.0',
  arch: 'arm64',
  cores: 4,
  memoryMiB: 1_024,
  slots: 2,
  creditLeases: 8,
  abis: ['wasi', 'reactor'],
  metering: [1],
}

/** A claim of greta's with the secret of these tests, good until 1000. */
function claim(secret = SECRET, more: Partial<ClaimRow> = {}): ClaimRow {
  return { ...claimRow(''), id: toHex(claimId(secret)), key: claimKey(secret), ...more }
}

/** A join that proves knowledge of a secret. */
function join(publicKey = PI, more: Partial<JoinInput> = {}, secret = SECRET): JoinInput {
  const proof = claimProof(claimKey(secret), keyThumbprint(publicKey), REGION_THUMBPRINT)
  return {
    device: deviceIdOf(publicKey),
    publicKey,
    session: 7,
    claimId: claimId(secret),
    proof,
    label: 'shed',
    ...more,
  }
}

function fleetOf(claims: ClaimRow[] = [claim()], devices: DeviceRow[] = [], devicesMax = 10): Fleet {
  return new Fleet(devices, claims, { saboteurShare: 0.1, devicesMax, regionThumbprint: REGION_THUMBPRINT })
}

/** Runs one join and tells what came of it. */
function tryJoin(fleet: Fleet, input: JoinInput, nowMs = NOW_MS) {
  const batch = new Batch()
  const standing = fleet.join(input, nowMs, batch)
  fleet.flush(batch)
  return { standing, batch }
}

/** A fleet with one member that has said hello. */
function withMember(row: Partial<DeviceRow> = {}) {
  const device = { ...deviceRow(deviceIdOf(PI)), ...row }
  const fleet = fleetOf([], [device])
  fleet.hello(device.id, HELLO, NOW_MS, new Batch())
  fleet.flush(new Batch())
  return { fleet, member: fleet.member(device.id) as Member, batch: new Batch() }
}

describe('a join', () => {
  it('with a good claim enrols the device for the owner of the claim [JOIN-1.2]', () => {
    const fleet = fleetOf()
    const { standing, batch } = tryJoin(fleet, join())
    expect(standing).toBe('joined')
    const device = deviceIdOf(PI)
    expect(batch.writes).toEqual([
      { table: 'claim', row: claim(SECRET, { usedBy: device }) },
      {
        table: 'device',
        row: {
          ...deviceRow(device),
          publicKey: PI,
          owner: claim().owner,
          label: 'shed',
          joinedAtMs: NOW_MS,
          counter: 7,
          decayedAtMs: NOW_MS,
        },
      },
    ])
    expect(batch.effects).toEqual([{ kind: 'welcome', device, standing: 'joined', reason: '' }])
    expect(fleet.size).toBe(1)
  })

  // In order of precedence: each case fails by all that follow it, too.
  const OTHER_SECRET = new Uint8Array(16).fill(2)
  const used = { usedBy: deviceIdOf(BOX) }
  const full = [deviceRow(deviceIdOf(BOX))]
  it.each<[what: string, fleet: Fleet, input: JoinInput, nowMs: number, standing: Standing]>([
    ['that the region did not make', fleetOf([], full, 1), join(), 1_001, 'claim_unknown'],
    [
      'whose secret it does not know',
      fleetOf([claim(SECRET, used)], full, 1),
      join(PI, { claimId: claimId(SECRET) }, OTHER_SECRET),
      1_001,
      'claim_unknown',
    ],
    [
      'with the proof of another device',
      fleetOf([claim(SECRET, used)], full, 1),
      join(PI, { proof: join(BOX).proof }),
      1_001,
      'claim_unknown',
    ],
    ['that another has used', fleetOf([claim(SECRET, used)], full, 1), join(), 1_001, 'claim_used'],
    ['that has expired', fleetOf([claim()], full, 1), join(), 1_001, 'claim_expired'],
    ['when the region is full', fleetOf([claim()], full, 1), join(), 1_000, 'region_full'],
    ['at the last moment', fleetOf([claim()]), join(), 1_000, 'joined'],
  ])('with a claim %s is answered, in order of precedence [JOIN-1.2]', (_what, fleet, input, nowMs, expected) => {
    const size = fleet.size
    const { standing, batch } = tryJoin(fleet, input, nowMs)
    expect(standing).toBe(expected)
    expect(batch.effects).toEqual([{ kind: 'welcome', device: input.device, standing: expected, reason: '' }])
    const enrolled = expected === 'joined'
    expect(fleet.size - size).toBe(enrolled ? 1 : 0)
    expect(batch.writes).toHaveLength(enrolled ? 2 : 0)
  })

  it('of the same device again is answered alike and enrols nothing more, also after the claim has expired [JOIN-1.3]', () => {
    const fleet = fleetOf()
    tryJoin(fleet, join())
    const again = tryJoin(fleet, join(PI, { session: 8 }), 5_000)
    expect(again.standing).toBe('joined')
    expect(again.batch.writes).toEqual([])
    expect(fleet.size).toBe(1)
  })

  it('of another device with a claim that was just used enrols nobody [JOIN-1.2]', () => {
    const fleet = fleetOf()
    tryJoin(fleet, join())
    expect(tryJoin(fleet, join(BOX)).standing).toBe('claim_used')
    expect(fleet.member(deviceIdOf(BOX))).toBeUndefined()
  })

  it('of a caught device is told that it is, and why', () => {
    const caught = { ...deviceRow(deviceIdOf(PI)), standing: 'caught', standingReason: 'lied' } as const
    const { standing, batch } = tryJoin(fleetOf([claim()], [caught]), join())
    expect(standing).toBe('caught')
    expect(batch.effects).toMatchObject([{ kind: 'welcome', standing: 'caught', reason: 'lied' }])
    expect(batch.writes).toEqual([])
  })

  it('works with a claim that was made a moment ago', () => {
    const fleet = fleetOf([])
    const batch = new Batch()
    fleet.addClaim(claim(), batch)
    expect(batch.writes).toEqual([{ table: 'claim', row: claim() }])
    expect(tryJoin(fleet, join()).standing).toBe('joined')
  })
})

describe('a member', () => {
  it('is there from its hello to its disconnect', () => {
    const { fleet, member } = withMember()
    expect(member.presence).toEqual({
      session: 3,
      slots: 2,
      creditLeases: 8,
      memoryMiB: 1_024,
      abis: ['wasi', 'reactor'],
      metering: [1],
      software: 'hedgerow/0.1.0',
      arch: 'arm64',
      cores: 4,
      reason: '',
      lastSeenMs: NOW_MS,
    })
    fleet.disconnected(member.row.id, 70)
    expect(member).toMatchObject({ presence: null, goneSinceMs: 70 })
    // The second of two connections that end says nothing new.
    fleet.disconnected(member.row.id, 90)
    expect(member.goneSinceMs).toBe(70)
    fleet.hello(member.row.id, HELLO, NOW_MS, new Batch())
    expect(member).toMatchObject({ presence: { session: 3 }, goneSinceMs: null })
  })

  it('changes its credit with each status, and says why it takes no work', () => {
    const { fleet, member } = withMember()
    const status = { session: 3, seq: 2, creditLeases: 0, runningLeases: 1, reason: 'too hot' }
    fleet.status(member.row.id, status, 800)
    expect(member.presence).toMatchObject({ creditLeases: 0, reason: 'too hot', lastSeenMs: 800, slots: 2 })
    fleet.disconnected(member.row.id, 70)
    fleet.status(member.row.id, status, 900)
    expect(member.presence).toBeNull()
  })

  it.each<[what: string, label: string, kept: string, writes: number]>([
    ['a new label', 'roof', 'roof', 1],
    ['the same label', 'shed', 'shed', 0],
    ['no label', '', 'shed', 0],
  ])('that says hello with %s', (_what, label, kept, writes) => {
    const { fleet, member } = withMember({ label: 'shed' })
    member.row.label = 'shed'
    const batch = new Batch()
    fleet.hello(member.row.id, { ...HELLO, label }, NOW_MS, batch)
    fleet.flush(batch)
    expect(member.row.label).toBe(kept)
    expect(batch.writes).toHaveLength(writes)
    expect(batch.effects).toEqual([{ kind: 'welcome', device: member.row.id, standing: 'joined', reason: '' }])
  })

  it('has its counter burned by a CONNECT [SESSION-1.2]', () => {
    const { fleet, member, batch } = withMember()
    fleet.connected(member.row.id, 12)
    fleet.flush(batch)
    expect(batch.writes).toEqual([{ table: 'device', row: { ...member.row, counter: 12 } }])
  })

  it('grows more credible with each check it passes', () => {
    const { fleet, member } = withMember()
    const credibilities = [fleet.credibility(member)]
    for (let i = 0; i < 50; i++) {
      fleet.passedCheck(member)
      credibilities.push(fleet.credibility(member))
    }
    expect(credibilities[0]).toBe(0.9)
    expect(credibilities).toEqual([...credibilities].sort((a, b) => a - b))
    expect(credibilities.at(-1)).toBeGreaterThan(0.999)
  })

  it.each(['caught', 'revoked'] as const)('that is %s loses its streak and is told', standing => {
    const { fleet, member, batch } = withMember({ checksPassed: 40 })
    fleet.demote(member, standing, 'lied', 0, batch)
    fleet.flush(batch)
    const { id } = member.row
    expect(member.row).toMatchObject({ standing, standingReason: 'lied', checksPassed: 0 })
    expect(batch.writes).toHaveLength(1)
    const notice = { kind: 'notice', device: id, standing, text: 'lied' }
    const kick = { kind: 'kick', device: id, reason: 'revoked' }
    expect(batch.effects).toEqual(standing === 'revoked' ? [notice, kick] : [notice])
  })

  it('that is reinstated is told, and begins as a new device', () => {
    const { fleet, member, batch } = withMember({ standing: 'caught', standingReason: 'lied', checksPassed: 0 })
    fleet.reinstate(member, 0, batch)
    expect(member.row).toMatchObject({ standing: 'joined', standingReason: '', checksPassed: 0 })
    expect(batch.effects).toEqual([{ kind: 'notice', device: member.row.id, standing: 'joined', text: '' }])
  })

  it('rests after leases that came to nothing, longer each time, until one comes back', () => {
    const { fleet, member } = withMember()
    const { id } = member.row
    const restsAfterLossAt = (monotonicMs: number) => {
      fleet.countLostLease(id, monotonicMs)
      return member.restsUntilMs - monotonicMs
    }
    expect([0, 1_000, 2_000].map(restsAfterLossAt)).toEqual([100, 200, 400])
    // All of its leases at once are one failure.
    expect([3_000, 3_000, 3_000].map(restsAfterLossAt)).toEqual([800, 800, 800])
    for (let i = 1; i < 100; i++) restsAfterLossAt(i * 20_000)
    expect(restsAfterLossAt(5_000_000)).toBe(10_000)
    expect(member.row.leasesExpired).toBe(106)
    fleet.countAnswer(id)
    expect(member).toMatchObject({ lossesInARow: 0, restsUntilMs: 0 })
  })

  it('is written once for any number of changes, as a copy', () => {
    const { fleet, member, batch } = withMember()
    fleet.countUnits(member, 64, 0)
    fleet.countUnits(member, 0, 3)
    fleet.touch(member)
    fleet.flush(batch)
    fleet.countUnits(member, 1, 0)
    expect(batch.writes).toMatchObject([{ table: 'device', row: { unitsAccepted: 64, unitsRejected: 3 } }])
  })
})

it('what a stranger does leaves no trace', () => {
  const fleet = fleetOf([])
  const id = deviceIdOf(BOX)
  const batch = new Batch()
  fleet.connected(id, 5)
  fleet.hello(id, HELLO, NOW_MS, batch)
  fleet.status(id, { session: 3, seq: 2, creditLeases: 1, runningLeases: 0, reason: '' }, NOW_MS)
  fleet.disconnected(id, 1)
  fleet.countLostLease(id, 1)
  fleet.countAnswer(id)
  fleet.flush(batch)
  expect([fleet.size, batch.writes, batch.effects]).toEqual([0, [], []])
})
