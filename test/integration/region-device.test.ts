/** Who may be a device of the region, and what becomes of one that does not keep to the rules. */
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { LeaseResult } from '../../protocol/index.ts'
import { decodeClaimCode, encodeClaimCode, fromUtf8, utf8 } from '../../protocol/index.ts'
import { nodeSigner } from '../../protocol/node/index.ts'
import { eventually } from '../support/eventually.ts'
import { doneResult, HandDrivenDevice, type HeldGrant } from '../support/hand-driven-device.ts'
import { ECHO, ENDLESS, FOR_LONG } from '../support/tasks.ts'
import { sha256HexOf, TestRegion, taskOf } from '../support/test-region.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const echoed = (units: number): string => Array.from({ length: units }, (_, i) => `${i} ${i + 1}\n`).join('')
const echoJob = (units: number, more: Record<string, unknown> = {}) => ({
  task: taskOf(ECHO),
  split: range(units),
  aggregate: { kind: 'concat' },
  verify: 'trust',
  ...more,
})
/** What a device driven by hand says a unit burned. A fuel costs a micro-credit here. */
const UNIT_FUEL = 100
/** What an honest device answers for a lease of an echo job, were echoing so cheap. */
const honestly = ({ leaseId, firstUnit, unitCount }: HeldGrant): LeaseResult =>
  doneResult(
    leaseId,
    Array.from({ length: unitCount }, (_, i) => ({
      fuel: UNIT_FUEL,
      kind: 'ok',
      bytes: utf8(`${firstUnit + i} ${firstUnit + i + 1}\n`),
    })),
  )

describe('a claim', () => {
  test('enrols one device once, and another device with it is told so [JOIN-1.2]', async () => {
    await using region = await TestRegion.start()
    const claim = await region.claim('ann')
    const { device } = await region.join('ann', { claim })
    expect(await region.member(device)).toMatchObject({ owner: 'ann', label: 'ann', standing: 'joined', online: true })

    const second = await region.start('bob', { claim })
    const error = await second.device.ended
    expect(error).toMatchObject({ code: 'bad_claim', info: { reason: 'claim_used' } })
    expect(error?.message).toMatch(/^[A-Z].*\.$/)
    expect(await region.admin.deviceList()).toHaveLength(1)
  })

  test('works again for the device that used it, should the answer have been lost [JOIN-1.3]', async () => {
    await using region = await TestRegion.start()
    const device = new HandDrivenDevice('pi', await region.claim('ann'))
    await device.connect(1)
    expect((await device.join()).standing).toBe('joined')
    expect((await device.join()).standing).toBe('joined')
    await device.connect(2)
    expect((await device.join()).standing).toBe('joined')
    expect((await device.hello()).standing).toBe('joined')
    expect(await region.admin.deviceList()).toHaveLength(1)
    device.client?.end(true)
  })

  test.each<[what: string, claim: (region: TestRegion) => Promise<string>, reason: string]>([
    [
      'that has expired',
      async region => {
        const claim = await region.admin.claimNew({ owner: 'ann', lifetimeMs: 1 })
        await eventually('the claim expired', () => Date.now() > claim.expiresAtMs)
        return claim.code
      },
      'claim_expired',
    ],
    [
      'that the region never made',
      async region => {
        const made = decodeClaimCode(await region.claim('ann'))
        return encodeClaimCode({ ...made, secret: new Uint8Array(randomBytes(16)) })
      },
      'claim_unknown',
    ],
  ])('%s is refused in a plain sentence [JOIN-1.2]', async (_what, makeClaim, reason) => {
    await using region = await TestRegion.start()
    const { device } = await region.start('ann', { claim: await makeClaim(region) })
    const error = await device.ended
    expect(error).toMatchObject({ code: 'bad_claim', info: { reason } })
    expect(error?.message).toMatch(/^[A-Z].*\.$/)
    expect(await region.admin.deviceList()).toEqual([])
    expect(device.state).toBe('failed')
  })

  test('of another region does not fit this one, whatever answers at its address [JOIN-2.2]', async () => {
    await using region = await TestRegion.start()
    const made = decodeClaimCode(await region.claim('ann'))
    const elsewhere = encodeClaimCode({ ...made, regionKeyThumbprint: new Uint8Array(32).fill(7) })
    const { device } = await region.start('ann', { claim: elsewhere })
    const error = await device.ended
    expect(error).toMatchObject({ code: 'refused' })
    expect(error?.message).toContain("is not the region 'meadow' that made the claim")
    expect(await region.admin.deviceList()).toEqual([])
    expect((await region.admin.metrics())['connect:bad_signature']).toBeGreaterThanOrEqual(4)
  })
})

describe('a CONNECT', () => {
  test('is good once: neither the same nor an older one is taken, and the device stays [SESSION-1.1] [SESSION-1.2]', async () => {
    await using region = await TestRegion.start()
    const device = new HandDrivenDevice('pi', await region.claim('ann'))
    const replayed = device.password(5)
    await device.connect(5, replayed)
    // A stranger's is burned as well, as long as it is there.
    await expect(new HandDrivenDevice('pi', await region.claim('x')).connect(5, replayed)).rejects.toThrow('authorized')
    await device.join()
    await device.hello()
    for (const counter of [5, 4, 0]) {
      const thief = new HandDrivenDevice('pi', await region.claim('x'))
      await expect(thief.connect(counter, counter === 5 ? replayed : device.password(counter))).rejects.toThrow(
        'authorized',
      )
    }
    const forged = device.frame('connect', new Uint8Array(40), nodeSigner(new Uint8Array(32).fill(1)))
    await expect(new HandDrivenDevice('pi', await region.claim('x')).connect(9, forged)).rejects.toThrow('authorized')
    expect(device.client?.connected).toBe(true)
    expect(await region.admin.metrics()).toMatchObject({ 'connect:stale_counter': 4, devices_online: 1 })
    device.client?.end(true)
  })

  test('that is newer ends the connection before it [SESSION-2.3]', async () => {
    await using region = await TestRegion.start()
    const claim = await region.claim('ann')
    const device = new HandDrivenDevice('pi', claim)
    await device.enter(1)
    const ended = new Promise<void>(resolve => device.client?.once('close', () => resolve()))
    const again = new HandDrivenDevice('pi', claim)
    await again.connect(2)
    await ended
    expect((await again.hello()).standing).toBe('joined')
    expect(await region.admin.metrics()).toMatchObject({ devices_online: 1, connections: 1 })
    again.client?.end(true)
  })
})

describe('a device', () => {
  test('that is revoked is cut off and kept out, and its work is done by another [SESSION-1.4]', async () => {
    await using region = await TestRegion.start()
    const { device: bob, stateDir } = await region.join('bob')
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(1, { task: taskOf(ENDLESS, FOR_LONG) }))
    await eventually('bob at work', async () => (await region.member(bob)).leasesOut === 1)
    const running = await lab.submit(echoJob(40))
    await eventually('bob has more', async () => (await region.member(bob)).leasesOut > 1)

    await region.admin.deviceRevoke(bob.id, 'it was sold')
    expect(await region.member(bob)).toMatchObject({ standing: 'revoked', standingReason: 'it was sold', leasesOut: 0 })
    await eventually('bob cut off', async () => (await region.admin.metrics()).devices_online === 0)
    await eventually('bob told', () => bob.explain().includes('it was sold'))
    await lab.publish(`${body.job}/cancel`)
    await lab.result(body.job)
    await region.join('ann')
    expect((await lab.result(running.body.job)).state).toBe('done')
    expect((await region.member(bob)).earnedMicro).toBe('0')

    await bob.stop()
    const back = await region.start('bob', { stateDir, claim: undefined })
    await region.counted('connect:revoked')
    expect(back.device.state).not.toBe('joined')
    expect(await region.bookProblems()).toEqual([])
  })

  test('that vanishes is not waited for longer than its grace period [LEASE-3.1]', async () => {
    await using region = await TestRegion.start()
    const bob = new HandDrivenDevice('bob', await region.claim('bob'))
    await bob.enter()
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(3))
    await bob.lease()
    bob.client?.end(true)
    await region.join('ann')
    const result = await lab.result(body.job)
    expect(fromUtf8(Buffer.from(result.base64, 'base64'))).toBe(echoed(3))
    expect((await region.admin.device(bob.id)).leasesExpired).toBeGreaterThan(0)
  })
})

describe('a result', () => {
  test('counts once, however often its frame arrives, and on whatever connection [RESULT-2.2]', async () => {
    await using region = await TestRegion.start()
    const device = new HandDrivenDevice('pi', await region.claim('ann'))
    await device.enter(1)
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(2, { leaseUnitsMax: 1 }))
    const [first, second] = [await device.lease(), await device.lease()]
    await device.results(11, honestly(first))
    await device.ackOf(11)
    const [frame] = device.sent as [Uint8Array]
    await device.publish('result', frame)
    await device.ackOf(11, 2)
    await device.connect(2)
    await device.hello()
    await device.publish('result', frame)
    await device.ackOf(11, 3)
    await device.results(12, honestly(second), honestly(second), honestly(first))
    const result = await lab.result(body.job)
    expect([fromUtf8(Buffer.from(result.base64, 'base64')), result.costMicro]).toEqual([echoed(2), '200'])
    await device.publish('result', frame)
    await device.ackOf(11, 4)
    expect(await region.admin.device(device.id)).toMatchObject({ unitsAccepted: 2, earnedMicro: '190' })
    expect(await region.admin.metrics()).toMatchObject({ lease_used: 2, lease_late: 5 })
    expect(await region.bookProblems()).toEqual([])
    device.client?.end(true)
  })

  test('of another device, of a wrong digest or of another form is refused, counted and not paid [RESULT-1.2]', async () => {
    await using region = await TestRegion.start()
    const pi = new HandDrivenDevice('pi', await region.claim('ann'))
    const eve = new HandDrivenDevice('eve', await region.claim('eve'))
    await pi.enter()
    eve.creditLeases = 0
    await eve.enter()
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(1))
    const lease = await pi.lease()

    await eve.results(1, honestly(lease))
    await eve.ackOf(1)
    // Its own frame on eve's topic, and eve's on its own.
    await eve.publish('result', pi.frame('result', new Uint8Array(10)))
    await region.counted('bad_signature')
    await pi.publish('result', pi.frame('result', utf8('not a result')))
    await region.counted('bad_cbor')
    expect(await region.admin.metrics()).toMatchObject({ lease_late: 1, bad_signature: 1, bad_cbor: 1 })
    expect((await region.admin.job(body.job)).unitsDone).toBe(0)

    await pi.results(1, { ...honestly(lease), digest: new Uint8Array(32) } as LeaseResult)
    await pi.ackOf(1)
    const again = await pi.lease()
    expect([again.leaseId === lease.leaseId, again.firstUnit, again.unitCount]).toEqual([false, 0, 1])
    expect(await region.admin.metrics()).toMatchObject({ result_digest_wrong: 1, lease_malformed: 1 })
    // The lease it gave away is gone for good.
    await pi.results(2, honestly(lease))
    await pi.ackOf(2)
    await pi.results(3, honestly(again))
    const result = await lab.result(body.job)
    expect([result.sha256, result.costMicro]).toEqual([sha256HexOf(utf8(echoed(1))), '100'])
    expect(await region.admin.device(eve.id)).toMatchObject({ unitsAccepted: 0, earnedMicro: '0', standing: 'joined' })
    expect(await region.bookProblems()).toEqual([])
    pi.client?.end(true)
    eve.client?.end(true)
  })

  test('that is wrong has its maker caught, named and unpaid [VERIFY-2.1]', async () => {
    await using region = await TestRegion.start()
    await region.joinAll('ann', 'bob', 'cat', 'dan')
    const eve = new HandDrivenDevice('eve', await region.claim('eve'))
    await eve.enter()
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(60, { verify: { theta: 0.999 }, leaseUnitsMax: 6 }))
    const lease = await eve.lease()
    const anything = { fuel: UNIT_FUEL, bytes: utf8('nonsense') }
    const wrong = Array.from({ length: lease.unitCount }, () => ({ ...anything, kind: 'ok' }) as const)
    await eve.results(1, doneResult(lease.leaseId, wrong))
    const result = await lab.result(body.job)
    expect(fromUtf8(Buffer.from(result.base64, 'base64'))).toBe(echoed(60))
    await eventually('eve told', () => eve.notices.includes('caught'))
    const member = await region.admin.device(eve.id)
    expect(member).toMatchObject({ standing: 'caught', earnedMicro: '0', credibility: 0.9 })
    expect(member.standingReason).toContain(body.job)
    expect(await region.bookProblems()).toEqual([])
    eve.client?.end(true)
  })
})
