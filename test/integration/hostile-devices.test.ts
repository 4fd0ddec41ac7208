/**
 * Devices that do what honest software never would, beside honest ones: each is bounded, explained, unpaid or shut out, and whoever
 * handed in a job gets the right answer for the right price.
 */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { encode, encodeHello, encodeResult, fromUtf8, LIMITS, METERING_VERSION, utf8 } from '../../protocol/index.ts'
import { echoed, echoJob, echoOutcomes, honestly, UNIT_FUEL } from '../support/echo-jobs.ts'
import { eventually } from '../support/eventually.ts'
import { doneResult, HandDrivenDevice, type HeldGrant } from '../support/hand-driven-device.ts'
import { TestRegion } from '../support/test-region.ts'

const textOf = (result: { base64: string }): string => fromUtf8(Buffer.from(result.base64, 'base64'))

/** A device driven by hand that has joined; it wants no work unless told otherwise. */
async function enter(
  region: TestRegion,
  name: string,
  more: Partial<HandDrivenDevice> = {},
): Promise<HandDrivenDevice> {
  const device = Object.assign(new HandDrivenDevice(name, await region.claim(name)), { creditLeases: 0, ...more })
  await device.enter()
  region.atEnd(() => void device.client?.end(true))
  return device
}

/** What the operator is told of a device. */
async function explained(region: TestRegion, device: { id: string }): Promise<string> {
  return (await region.admin.deviceExplain(device.id)).reasons.join('\n')
}

/** An honest device works off an honest job, and the books balance. */
async function expectUnharmed(region: TestRegion): Promise<void> {
  const honest = await region.bare('honest')
  const { body } = await honest.submit(echoJob(60))
  expect(body).toMatchObject({ state: 'running' })
  expect(textOf(await honest.result(body.job))).toBe(echoed(60))
  expect(await region.bookProblems()).toEqual([])
  expect(region.fatal).toEqual([])
}

const ABOUT = { label: '', software: 'test', arch: 'x64', cores: 1, memoryMiB: 1_024, metering: [METERING_VERSION] }
const helloFrame = (device: HandDrivenDevice, seq: number, slots: number, creditLeases: number) =>
  device.frame('hello', encodeHello({ ...ABOUT, session: device.session, seq, slots, creditLeases, abis: ['wasi'] }))

describe('a device that advertises', () => {
  test('a million slots is not heard, which the operator can read', async () => {
    await using region = await TestRegion.start()
    await region.join('ann')
    const eve = await enter(region, 'eve')
    const before = eve.welcomes.length
    await eve.publish('hello', helloFrame(eve, 90, 1_000_000, 1_000_000))
    await region.counted('bad_message:hello.slots')
    expect(eve.welcomes).toHaveLength(before)
    // What it said before stands.
    expect(await region.admin.device(eve.id)).toMatchObject({ online: true, slots: 1, creditLeases: 0 })
    expect(await explained(region, eve)).toContain('One of its messages was of no use: bad_message:hello.slots.')
    await expectUnharmed(region)
  })

  test('as many as it may, and never returns anything, holds a unit a slot and no more', async () => {
    await using region = await TestRegion.start()
    const most = { slots: LIMITS.slotsMax, creditLeases: LIMITS.creditLeasesMax }
    const eve = await enter(region, 'eve', most)
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(400))
    await eventually('eve has all it gets', () => eve.grants.length > LIMITS.slotsMax / 2)
    await region.join('ann')
    expect(textOf(await lab.result(body.job))).toBe(echoed(400))
    expect(eve.grants.every(({ unitCount }) => unitCount === 1)).toBe(true)
    expect(await region.admin.device(eve.id)).toMatchObject({ unitsAccepted: 0, earnedMicro: '0' })
    await expectUnharmed(region)
  })
})

describe('a device that returns', () => {
  test('nothing rests after each loss, and its work goes to another', async () => {
    await using region = await TestRegion.start({ policy: { leaseTimeoutMinMs: 1_000 } })
    const eve = await enter(region, 'eve', { creditLeases: 1 })
    const lab = await region.bare('lab')
    const job = echoJob(20)
    const { body } = await lab.submit({ ...job, task: { ...job.task, unitTimeoutMs: 100 } })
    await eventually('two losses', async () => (await region.admin.device(eve.id)).leasesExpired >= 2)
    expect(await explained(region, eve)).toMatch(
      /[2-9] leases of its last \d+ came back without a result or not at all/,
    )
    await region.join('ann')
    expect(textOf(await lab.result(body.job))).toBe(echoed(20))
    expect(await region.admin.device(eve.id)).toMatchObject({ unitsAccepted: 0, earnedMicro: '0', standing: 'joined' })
    await expectUnharmed(region)
  })

  test('within 0 ms, as it says, gets leases that grow step by step all the same', async () => {
    await using region = await TestRegion.start()
    const eve = await enter(region, 'eve', { creditLeases: 1 })
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(1_000))
    let longest = 0
    for (let seq = 1; seq <= 3; seq++) {
      const lease = await eve.lease()
      expect(lease.unitCount).toBeLessThanOrEqual(Math.max(1, 8 * longest))
      longest = lease.unitCount
      await eve.results(seq, { ...honestly(lease), elapsedMs: 0 })
      await eve.ackOf(seq)
    }
    eve.client?.end(true)
    await region.join('ann')
    expect(textOf(await lab.result(body.job))).toBe(echoed(1_000))
    await expectUnharmed(region)
  })

  const outputsOf = (lease: HeldGrant, more: number): Uint8Array =>
    doneResult(lease.leaseId, echoOutcomes({ ...lease, unitCount: lease.unitCount + more })).outputs as Uint8Array
  const EARLY: [what: string, outputs: (lease: HeldGrant) => Uint8Array][] = [
    ['no unit at all', () => encode([])],
    ['more units than it got', lease => outputsOf(lease, 1)],
    ['bytes that are nothing', () => utf8('done!')],
    ['a part of the outputs', lease => outputsOf(lease, 0).subarray(0, -1)],
  ]
  test.each(EARLY)('early, with %s, has worked for nothing', async (_what, outputsFor) => {
    await using region = await TestRegion.start()
    const eve = await enter(region, 'eve', { creditLeases: 1 })
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(50))
    const lease = await eve.lease()
    const outputs = outputsFor(lease)
    const digest = new Uint8Array(createHash('sha256').update(outputs).digest())
    await eve.results(1, { ...honestly(lease), outputs, digest })
    await eve.ackOf(1)
    expect(await region.admin.metrics()).toMatchObject({ lease_malformed: 1 })
    expect(await region.admin.device(eve.id)).toMatchObject({ unitsAccepted: 0, earnedMicro: '0', leasesExpired: 1 })
    expect(await explained(region, eve)).toMatch(/1 lease of its last [12] came back without a result or not at all\./)
    eve.client?.end(true)
    await region.join('ann')
    expect(textOf(await lab.result(body.job))).toBe(echoed(50))
    await expectUnharmed(region)
  })

  test("others' leases, leases that never were, and two answers to one, changes nothing and is told of", async () => {
    await using region = await TestRegion.start()
    const pi = await enter(region, 'pi', { creditLeases: 1 })
    const eve = await enter(region, 'eve')
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(1))
    const lease = await pi.lease()
    await eve.results(1, honestly(lease))
    await eve.results(2, { ...honestly(lease), leaseId: lease.leaseId + 1_000 })
    await eve.results(3, { ...honestly(lease), leaseId: Number.MAX_SAFE_INTEGER })
    await eve.ackOf(3)
    expect(await region.admin.metrics()).toMatchObject({ lease_late: 3 })
    expect(await explained(region, eve)).toContain('3 of its messages were of no use, the last one: lease_late.')

    const other = doneResult(lease.leaseId, [{ fuel: UNIT_FUEL, kind: 'ok', bytes: utf8('other') }])
    await pi.results(1, honestly(lease), other)
    await pi.results(2, other)
    await pi.ackOf(2)
    expect(textOf(await lab.result(body.job))).toBe(echoed(1))
    expect(await region.admin.device(pi.id)).toMatchObject({ unitsAccepted: 1, earnedMicro: '95', standing: 'joined' })
    expect(await region.admin.device(eve.id)).toMatchObject({ unitsAccepted: 0, earnedMicro: '0' })
    pi.client?.end(true)
    await region.join('ann')
    await expectUnharmed(region)
  })
})

describe('a device that floods the region with', () => {
  const resultOf = (session: number, leaseId: number): Uint8Array =>
    encodeResult({ session, seq: 1, results: [doneResult(leaseId, [{ fuel: 1, kind: 'ok', bytes: utf8('x') }])] })
  type Flood = (device: HandDrivenDevice, i: number) => Promise<void>
  const FLOODS: [what: string, offence: string, counted: string, send: Flood][] = [
    ['bytes that are no frames', 'garbage', 'bad_frame', device => device.publish('result', utf8('no frame at all'))],
    [
      'as many bytes as a frame may have',
      'garbage',
      'bad_frame',
      device => device.publish('reading', new Uint8Array(LIMITS.frameBytesMax)),
    ],
    [
      'more bytes than that',
      'garbage',
      'too_large',
      device => device.publish('reading', new Uint8Array(LIMITS.frameBytesMax + 1)),
    ],
    [
      'signed nonsense',
      'garbage',
      'bad_cbor',
      device => device.publish('hello', device.frame('hello', Uint8Array.of(0x1c))),
    ],
    ['statuses', 'excess', 'too_many:status', device => device.status(0)],
    ['hellos', 'excess', 'too_many:hello', (device, i) => device.publish('hello', helloFrame(device, i, 1, 0))],
    [
      'results of leases that never were',
      'late',
      'lease_late',
      device => device.publish('result', device.frame('result', resultOf(1, 9_999_999))),
    ],
    [
      'results of a session to come',
      'late',
      'stale_session',
      device => device.publish('result', device.frame('result', resultOf(99, 9_999_999))),
    ],
  ]
  /** Sends as fast as the region takes it, until it takes no more. */
  async function flood(device: HandDrivenDevice, send: Flood): Promise<void> {
    const closed = new Promise<void>(resolve => device.client?.once('close', () => resolve()))
    for (let i = 100; device.client?.connected; i += 50) {
      const sent = Array.from({ length: 50 }, (_, k) => send(device, i + k).catch(() => undefined))
      await Promise.race([Promise.all(sent), closed])
    }
  }
  test.each(FLOODS)('%s is shut out for a while, and told to come later', async (_what, offence, counted, send) => {
    await using region = await TestRegion.start()
    await region.join('ann')
    const eve = await enter(region, 'eve')
    await flood(eve, send)
    const metrics = await region.admin.metrics()
    expect([metrics[`shut_out:${offence}`], metrics[counted]]).toEqual([1, expect.any(Number)])
    expect(await explained(region, eve)).toMatch(/It is shut out for \d+ s more, once lately: it .+\./)
    await eventually('gone', async () => !(await region.admin.device(eve.id)).online)
    await expect(eve.connect(2)).rejects.toThrow('Server unavailable')
    expect(await region.admin.metrics()).toMatchObject({ 'connect:shut_out': 1 })
    await expectUnharmed(region)
  })
})

describe('a device that connects', () => {
  test('a hundred times a second is shut out, and others come in at once', async () => {
    await using region = await TestRegion.start()
    const eve = await enter(region, 'eve')
    let counter = 1
    let refusal: Error | null = null
    while (refusal === null) {
      eve.client?.end(true)
      await eve.connect(++counter).catch((error: Error) => {
        refusal = error
      })
    }
    expect(`${refusal}`).toContain('Server unavailable')
    expect(counter).toBeGreaterThan(LIMITS.conductPointsMax / 50)
    expect(await region.admin.metrics()).toMatchObject({ 'shut_out:connect': 1, 'connect:shut_out': 1 })
    expect(await explained(region, eve)).toContain('it connected again and again')
    const { device } = await region.join('ann')
    expect((await region.member(device)).online).toBe(true)
    await expectUnharmed(region)
  })

  test("under another's name keeps that one neither out nor away", async () => {
    await using region = await TestRegion.start()
    await region.join('ann')
    const pi = await enter(region, 'pi')
    const claim = await region.claim('eve')
    const eve = new HandDrivenDevice('eve', claim)
    const thief = new HandDrivenDevice('pi', claim)
    for (let i = 0; i < 100; i++) {
      await expect(thief.connect(1_000 + i, eve.password(1_000 + i))).rejects.toThrow('authorized')
    }
    expect(await region.admin.metrics()).toMatchObject({ 'connect:wrong_key': 100, devices_online: 2 })
    expect(pi.client?.connected).toBe(true)
    await pi.connect(2)
    expect((await pi.hello()).standing).toBe('joined')
    expect(await explained(region, pi)).not.toContain('shut out')
    await expectUnharmed(region)
  })
})

describe('a device that lies about fuel', () => {
  test('is caught where its word is checked [VERIFY-2.5]', async () => {
    await using region = await TestRegion.start()
    await region.joinAll('ann', 'bob', 'cat', 'dan')
    const eve = await enter(region, 'eve', { creditLeases: 4 })
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(40, { verify: { theta: 0.99 }, leaseUnitsMax: 4 }))
    const lease = await eve.lease()
    await eve.results(1, doneResult(lease.leaseId, echoOutcomes(lease, 1_000_000)))
    expect(textOf(await lab.result(body.job))).toBe(echoed(40))
    await eventually('eve told', () => eve.notices.includes('caught'))
    expect(await region.admin.device(eve.id)).toMatchObject({ standing: 'caught', earnedMicro: '0' })
    await expectUnharmed(region)
  })

  test('is believed where single answers are, up to what a unit may burn and within the budget [JOB-3.2]', async () => {
    await using region = await TestRegion.start()
    const eve = await enter(region, 'eve', { creditLeases: 1 })
    const lab = await region.bare('lab')
    const job = echoJob(4, { leaseUnitsMax: 1, budgetMicro: '200000' })
    const { body } = await lab.submit({ ...job, task: { ...job.task, unitFuelMax: 50_000 } })
    expect(body).toMatchObject({ state: 'running' })
    const above = await eve.lease()
    await eve.results(1, doneResult(above.leaseId, echoOutcomes(above, 50_001)))
    await eve.ackOf(1)
    expect(await region.admin.metrics()).toMatchObject({ lease_malformed: 1 })
    for (let seq = 2; seq <= 5; seq++) {
      const lease = await eve.lease()
      await eve.results(seq, doneResult(lease.leaseId, echoOutcomes(lease, 50_000)))
    }
    const result = await lab.result(body.job)
    expect([result.state, result.costMicro]).toEqual(['done', '200000'])
    const { reasons } = await region.admin.jobExplain(body.job)
    expect(reasons).toContain('Single results are accepted, as its submitter asked.')
    eve.client?.end(true)
    await region.join('ann')
    await expectUnharmed(region)
  })
})
