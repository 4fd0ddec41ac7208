import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { holdbackAccount } from '../../../coordinator/ledger/ledger.ts'
import { Region } from '../../../coordinator/region.ts'
import { applyUplink } from '../../../coordinator/uplink.ts'
import {
  ConfigError,
  type DeviceId,
  encodeOutputs,
  type LeaseResult,
  LIMITS,
  METERING_VERSION,
  type Sha256Hex,
  sha256Hex,
  toHex,
  type UnitOutcome,
  utf8,
} from '../../../protocol/index.ts'
import { DepartmentWorld, nothing, silent, UNIT_FUEL } from '../../support/department-world.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

/** What a job allows that says nothing. */
const UNIT_FUEL_MAX = 1_000_000_000
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const outputsOf = (...texts: string[]): Uint8Array =>
  encodeOutputs(texts.map(text => ({ fuel: UNIT_FUEL, kind: 'ok', bytes: utf8(text) })))

function done(leaseId: number, outputs: Uint8Array, more: Partial<LeaseResult> = {}): LeaseResult {
  return {
    leaseId,
    outcome: 'done',
    digest: sha256(outputs),
    outputs,
    elapsedMs: 3,
    detail: '',
    metering: METERING_VERSION,
    ...more,
  } as LeaseResult
}

/** A region in which ann and bob hold a lease of two units each; what their frames do is counted and written down. */
async function setUp() {
  const world = new DepartmentWorld()
  const [ann, bob] = world.join(['ann', silent], ['bob', silent]) as [DeviceId, DeviceId]
  world.desk.rates.learn(ann, sha256Hex('aa'.repeat(32)), 100, 100, 100)
  const split = { kind: 'range', from: 0, to: 400, chunk: 1 }
  const { id } = world.submit({ split, leaseUnitsMax: 2, verify: 'trust' })
  const [grant] = world.devices.get(ann)?.inbox ?? []
  const lease = grant?.leaseId as number
  const counts: string[] = []
  const charged: string[] = []
  const blobs = new Map<Sha256Hex, Uint8Array | 'damaged' | 'huge'>()
  const events: string[] = []
  const clock = new VirtualClock()
  const region = new Region(
    {
      clock,
      notBeforeMs: 0,
      defer: setImmediate,
      store: {
        commit: writes => {
          world.store.commit(writes)
          events.push('stored')
        },
      },
      release: effects => {
        for (const effect of effects)
          if (effect.kind === 'ack') events.push(`ack ${effect.device === ann ? 'ann' : 'bob'} ${effect.seq}`)
      },
      onFatal: error => {
        throw error
      },
    },
    world,
  )
  const components = {
    region,
    readings: world.readings,
    conduct: {
      charge: (device: DeviceId, offence: string) => void charged.push(`${device === ann ? 'ann' : 'bob'} ${offence}`),
    },
    count: (reason: string) => void counts.push(reason),
    blobs: {
      has: (name: Sha256Hex) => {
        const blob = blobs.get(name)
        if (blob === 'damaged') return { size: 1 }
        return blob ? { size: blob === 'huge' ? LIMITS.leaseOutputBytesMax + 1 : blob.length } : null
      },
      read: (name: Sha256Hex) => {
        const blob = blobs.get(name)
        if (blob instanceof Uint8Array) return blob
        throw new ConfigError({ code: 'damaged', path: name, reason: 'short' }, 'The blob is damaged.')
      },
    },
  }
  let seq = 0
  const send = async (device: DeviceId, ...results: LeaseResult[]) => {
    applyUplink(components, device, new Uint8Array(32), { class: 'result', session: 1, seq: ++seq, results })
    await clock.advance(2)
  }
  const paidMicro = (device: DeviceId) => world.balanceMicro(holdbackAccount(device))
  const stateOf = (leaseId: number) => world.store.leasesOfJob(id, 1_000).find(row => row.id === leaseId)?.state
  return { world, ann, bob, lease, counts, charged, blobs, events, send, paidMicro, stateOf }
}

describe('a result', () => {
  it('that is right is paid, and acknowledged once it is stored [RESULT-3.1]', async () => {
    const { ann, lease, counts, events, send, paidMicro, stateOf } = await setUp()
    const sent = send(ann, done(lease, outputsOf('a', 'b')))
    expect(events).toEqual([])
    await sent
    expect(events).toEqual(['stored', 'ack ann 1'])
    expect(counts).toEqual(['lease_used'])
    expect([stateOf(lease), paidMicro(ann)]).toEqual(['accepted', 190n])
  })

  it('that comes again is acknowledged again and counts no more [RESULT-2.2]', async () => {
    const { ann, lease, counts, charged, events, send, paidMicro } = await setUp()
    const result = done(lease, outputsOf('a', 'b'))
    await send(ann, result, result)
    await send(ann, result)
    await send(ann, done(lease, outputsOf('other', 'answer')))
    expect(counts).toEqual(['lease_used', 'lease_late', 'lease_late', 'lease_late'])
    // Whole frames that nobody waited for; the first one was of use.
    expect(charged).toEqual(['ann late', 'ann late'])
    expect(paidMicro(ann)).toBe(190n)
    expect(events.filter(event => event !== 'stored')).toEqual(['ack ann 1', 'ack ann 2', 'ack ann 3'])
  })

  it('whose units burned all they may is paid for all of it', async () => {
    const { ann, lease, counts, send, paidMicro } = await setUp()
    await send(ann, done(lease, encodeOutputs(Array(2).fill({ fuel: UNIT_FUEL_MAX, kind: 'out_of_fuel' }))))
    expect(counts).toEqual(['lease_used'])
    expect(paidMicro(ann)).toBe(19_000n)
  })

  it("for another device's lease does nothing [RESULT-2.2]", async () => {
    const { ann, bob, lease, counts, charged, send, paidMicro, stateOf } = await setUp()
    await send(bob, done(lease, outputsOf('a', 'b')))
    expect([counts, charged]).toEqual([['lease_late'], ['bob late']])
    expect([stateOf(lease), paidMicro(ann), paidMicro(bob)]).toEqual(['out', 0n, 0n])
  })

  const right = outputsOf('a', 'b')
  const outputsWith = (second: UnitOutcome) => encodeOutputs([{ fuel: 1, kind: 'ok', bytes: utf8('a') }, second])
  it.each<[what: string, result: (lease: number) => LeaseResult, counts: string[]]>([
    [
      'whose digest is of something else [RESULT-1.2]',
      lease => done(lease, right, { digest: sha256(utf8('x')) }),
      ['result_digest_wrong', 'lease_malformed'],
    ],
    ['with a unit too few', lease => done(lease, outputsOf('a')), ['result_bad_message', 'lease_malformed']],
    ['with a unit too many', lease => done(lease, outputsOf('a', 'b', 'c')), ['result_bad_message', 'lease_malformed']],
    [
      'that is no list of outputs',
      lease => done(lease, Uint8Array.of(0xff)),
      ['result_bad_message', 'lease_malformed'],
    ],
    ['of nothing', lease => done(lease, new Uint8Array()), ['result_bad_message', 'lease_malformed']],
    [
      'in a blob that was never put up',
      lease => done(lease, right, { outputs: null }),
      ['result_blob_missing', 'lease_malformed'],
    ],
    ['that is none', lease => nothing(lease), ['lease_gave_back']],
    [
      'with a unit that burned more than it may [JOB-3.2]',
      lease => done(lease, outputsWith({ fuel: UNIT_FUEL_MAX + 1, kind: 'ok', bytes: utf8('b') })),
      ['result_bad_message', 'lease_malformed'],
    ],
    [
      'with a unit that ran out of fuel before its limit [JOB-3.2]',
      lease => done(lease, outputsWith({ fuel: UNIT_FUEL_MAX - 1, kind: 'out_of_fuel' })),
      ['result_bad_message', 'lease_malformed'],
    ],
    [
      'metered by other rules than were asked for [JOB-3.2]',
      lease => done(lease, right, { metering: METERING_VERSION + 1 }),
      ['result_metering_unknown', 'lease_malformed'],
    ],
  ])('%s is acknowledged, not paid, and its units are handed out again', async (_what, result, expected) => {
    const { ann, lease, counts, events, world, send, paidMicro, stateOf } = await setUp()
    await send(ann, result(lease))
    expect(counts).toEqual(expected)
    expect(events).toEqual(['stored', 'ack ann 1'])
    expect([stateOf(lease), paidMicro(ann)]).toEqual(['failed', 0n])
    expect(world.fleet.member(ann)?.row.leasesExpired).toBe(1)
    const [job] = world.jobs.allActive()
    expect(job?.pending.peek()).toEqual({ first: 0, count: 2 })
  })

  it('in a blob is read from there [RESULT-1.3]', async () => {
    const { ann, lease, counts, blobs, send, paidMicro, world } = await setUp()
    const outputs = outputsOf('x'.repeat(60_000), 'y')
    blobs.set(sha256Hex(toHex(sha256(outputs))), outputs)
    await send(ann, done(lease, outputs, { outputs: null }))
    expect(counts).toEqual(['lease_used'])
    expect(paidMicro(ann)).toBe(190n)
    const [accepted] = world.store.acceptedOutputs([...world.jobs.allActive()][0]?.row.id as never)
    expect(accepted).toMatchObject({ outputs: null, digest: sha256(outputs) })
  })

  it.each(['damaged', 'huge'] as const)('in a blob that is %s counts as none', async state => {
    const { ann, lease, counts, blobs, send, paidMicro } = await setUp()
    blobs.set(sha256Hex(toHex(sha256(right))), state)
    await send(ann, done(lease, right, { outputs: null }))
    expect(counts).toEqual(['result_blob_missing', 'lease_malformed'])
    expect(paidMicro(ann)).toBe(0n)
  })
})
