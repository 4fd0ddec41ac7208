import { describe, expect, test } from 'vitest'
import { escrowAccount, FEE, holdbackAccount, submitterAccount } from '../../../../coordinator/ledger/ledger.ts'
import { readFlags } from '../../../../coordinator/sensing/flags.ts'
import { type CampaignId, codesOf } from '../../../../protocol/index.ts'
import { northOf, SensingWorld, START_MS, TOWN, type WorldDevice } from '../../../support/sensing-world.ts'

const MINUTE_MS = 60_000

function worldOf(count: number, metresApart = 200): { world: SensingWorld; devices: WorldDevice[] } {
  const world = new SensingWorld()
  const devices = Array.from({ length: count }, (_, i) => world.join(`owner-${i}`, northOf(i * metresApart)))
  return { world, devices }
}

/** What every honest sensor measures: a slow morning. */
const mild = (minute: number): number => 12 + minute / 50

const codesAt = (world: SensingWorld, campaign: CampaignId, sensor: string): string[][] =>
  world.store
    .judgements({ campaign })
    .filter(row => row.sensor === sensor)
    .flatMap(row => readFlags(row.flags).map(codesOf))

describe('a campaign', () => {
  test('is measured, judged, paid and published [SENSE-3.1] [SENSE-4.1]', () => {
    const { world, devices } = worldOf(3)
    const campaign = world.submit({ paidPerCell: 3 })
    world.minutes(
      10,
      devices.map(device => [device, mild]),
    )
    const row = world.sensing.active(campaign)?.row
    expect(row).toMatchObject({ readings: 30, accepted: 30, rejected: 0, late: 0 })
    const windows = world.store.windows({ campaign })
    expect(windows.map(({ windowMs }) => windowMs - START_MS)).toContain(5 * MINUTE_MS)
    expect(windows.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(30)
    // 30 readings at 20, of which the region keeps a twentieth.
    expect(row?.paidMicro).toBe(570n)
    expect(row?.feeMicro).toBe(30n)
    for (const { id } of devices) expect(world.balance(holdbackAccount(id))).toBe(190n)
    expect(world.effects.filter(effect => effect.kind === 'window').length).toBeGreaterThan(0)
    expect(world.audit()).toEqual([])
  })

  test('tells its devices what to sample, each at a phase of its own [SENSE-2.3]', () => {
    const { world, devices } = worldOf(3)
    world.submit()
    const plans = devices.map(({ id }) => world.sensing.planOf(id)?.streams ?? [])
    for (const [i, streams] of plans.entries()) {
      expect(streams).toHaveLength(1)
      expect(streams[0]).toMatchObject({ periodMs: MINUTE_MS, kind: 'sample', readingsPerFrame: 15 })
      expect(streams[0]?.channels).toEqual([{ sensor: devices[i]?.sensors[0], channel: 0 }])
    }
    expect(new Set(plans.map(([stream]) => stream?.phaseMs)).size).toBe(3)
  })

  test('judges a window as soon as everybody has reported past it, and otherwise after its lateness [SENSE-3.1]', () => {
    const { world, devices } = worldOf(2)
    const campaign = world.submit()
    const [first, second] = devices as [WorldDevice, WorldDevice]
    world.report(first, START_MS, [12, 12, 12, 12, 12])
    world.pass(2_000)
    expect(world.store.windows({ campaign })).toEqual([])
    world.report(second, START_MS, [12, 12, 12, 12, 12])
    world.pass(2_000)
    expect(world.store.windows({ campaign })).not.toEqual([])
    world.report(first, START_MS + 5 * MINUTE_MS, [12, 12, 12, 12, 12])
    world.pass(5 * MINUTE_MS)
    const judged = world.store.judgements({ campaign }).filter(row => row.windowMs === START_MS + 5 * MINUTE_MS)
    expect(judged).toEqual([])
    world.pass(6 * MINUTE_MS)
    const later = world.store.judgements({ campaign }).filter(row => row.windowMs === START_MS + 5 * MINUTE_MS)
    expect(later.map(({ sensor }) => sensor)).toEqual([first.sensors[0]])
  })

  test('takes late readings in, marks them and pays them [SENSE-3.2]', () => {
    const { world, devices } = worldOf(2)
    const campaign = world.submit()
    const [prompt, late] = devices as [WorldDevice, WorldDevice]
    world.disconnect(late)
    world.minutes(5, [[prompt, mild]])
    world.pass(MINUTE_MS)
    expect(world.sensing.active(campaign)?.row).toMatchObject({ readings: 5, late: 0 })
    world.connect(late, northOf(200))
    world.report(late, START_MS, [12, 12.1, 12.2, 12.3, 12.4])
    world.pass(MINUTE_MS)
    expect(world.sensing.active(campaign)?.row).toMatchObject({ readings: 10, accepted: 10, late: 5 })
    const codes = codesAt(world, campaign, late.sensors[0] ?? '')
    expect(codes.every(entry => entry.includes('late'))).toBe(true)
    expect(world.balance(holdbackAccount(late.id))).toBeGreaterThan(0n)
    const [window] = world.store.windows({ campaign })
    expect(window).toMatchObject({ revision: 2, accepted: 10 })
    expect(world.audit()).toEqual([])
  })

  test('takes a frame once, however often it comes [SENSE-3.3]', () => {
    const { world, devices } = worldOf(1)
    const campaign = world.submit()
    const [device] = devices as [WorldDevice]
    world.pass(5 * MINUTE_MS)
    const seq = world.report(device, START_MS, [12, 12.1, 12.2, 12.3, 12.4])
    world.report(device, START_MS, [12, 12.1, 12.2, 12.3, 12.4], { seq })
    world.pass(10 * MINUTE_MS)
    world.report(device, START_MS, [12, 12.1, 12.2, 12.3, 12.4], { seq })
    world.pass(10 * MINUTE_MS)
    expect(world.outcomes).toEqual(['taken', 'repeated', 'repeated'])
    expect(world.sensing.active(campaign)?.row.readings).toBe(5)
    expect(world.balance(holdbackAccount(device.id))).toBe(95n)
  })

  test('does not pay readings twice that come again under another number', () => {
    const { world, devices } = worldOf(1)
    const campaign = world.submit()
    const [device] = devices as [WorldDevice]
    world.pass(5 * MINUTE_MS)
    world.report(device, START_MS, [12, 12.1, 12.2, 12.3, 12.4])
    world.pass(10 * MINUTE_MS)
    world.report(device, START_MS, [30, 30, 30, 30, 30])
    world.pass(10 * MINUTE_MS)
    expect(world.sensing.active(campaign)?.row).toMatchObject({ readings: 5, accepted: 5 })
    expect(world.store.windows({ campaign })[0]?.greatest).toBe('12.4')
    expect(world.balance(holdbackAccount(device.id))).toBe(95n)
  })

  test('rejects what is impossible, and what lies in the future, and keeps the rest', () => {
    const { world, devices } = worldOf(1)
    const campaign = world.submit()
    const [device] = devices as [WorldDevice]
    world.pass(5 * MINUTE_MS)
    world.report(device, START_MS, [12, 900, 12.2, null, 12.4])
    world.report(device, START_MS + 30 * MINUTE_MS, [12, 12, 12, 12, 12])
    world.pass(40 * MINUTE_MS)
    const codes = codesAt(world, campaign, device.sensors[0] ?? '')
    expect(codes[1]).toContain('range')
    expect(codes[3]).toContain('missing')
    expect(codes.slice(5).every(entry => entry.includes('future'))).toBe(true)
    expect(world.sensing.active(campaign)?.row).toMatchObject({ readings: 10, accepted: 3, rejected: 7 })
  })

  test('rejects a sensor that lies among neighbours who agree', () => {
    const { world, devices } = worldOf(7, 100)
    const campaign = world.submit({ paidPerCell: 10, resolution: 6 })
    const liar = devices[3] as WorldDevice
    world.minutes(
      10,
      devices.map((device, i) => [device, minute => (device === liar ? 31 + minute / 50 : mild(minute) + i / 100)]),
    )
    const codes = codesAt(world, campaign, liar.sensors[0] ?? '')
    expect(codes.length).toBe(10)
    expect(codes.every(entry => entry.includes('buddy') || entry.includes('spatial'))).toBe(true)
    expect(world.balance(holdbackAccount(liar.id))).toBe(0n)
    expect(world.sensing.active(campaign)?.row).toMatchObject({ accepted: 60, rejected: 10 })
  })

  test('pays the best of each cell, the longest-serving among equals, and one sensor of a device [SENSE-4.2]', () => {
    const world = new SensingWorld()
    const twins = world.join('ann', northOf(0), ['temperature', 'temperature'])
    world.pass(1_000)
    const old = world.join('bob', northOf(20))
    world.pass(1_000)
    const young = world.join('cat', northOf(40))
    const campaign = world.submit({ paidPerCell: 2, startMs: START_MS })
    const values = [12, 12.1, 12.2, 12.3, 12.4]
    world.report(twins, START_MS, values, { sensor: 0 })
    world.report(twins, START_MS, values, { sensor: 1 })
    world.report(old, START_MS, values)
    world.report(young, START_MS, values)
    world.pass(10 * MINUTE_MS)
    const reasons = new Map(world.store.judgements({ campaign }).map(row => [row.sensor, row.unpaidReason]))
    expect(reasons.get(young.sensors[0] as never)).toBe('rank')
    expect(reasons.get(old.sensors[0] as never)).toBe('')
    expect([...twins.sensors].map(sensor => reasons.get(sensor)).sort()).toEqual(['', 'same_device'])
    expect(world.balance(holdbackAccount(young.id))).toBe(0n)
  })

  test('does not pay a sensor for a while after it was moved [SENSE-4.3]', () => {
    const { world, devices } = worldOf(1)
    const [device] = devices as [WorldDevice]
    const campaign = world.submit({ relocationHoldMs: 20 * MINUTE_MS })
    world.minutes(5, [[device, mild]])
    world.pass(1_000)
    const before = world.balance(holdbackAccount(device.id))
    expect(before).toBeGreaterThan(0n)
    world.connect(device, northOf(900))
    world.minutes(5, [[device, mild]])
    world.pass(2 * MINUTE_MS)
    expect(world.balance(holdbackAccount(device.id))).toBe(before)
    expect(world.store.judgements({ campaign }).at(-1)?.unpaidReason).toBe('relocated')
    world.pass(20 * MINUTE_MS)
    world.minutes(10, [[device, mild]])
    world.pass(2 * MINUTE_MS)
    expect(world.balance(holdbackAccount(device.id))).toBeGreaterThan(before)
  })

  test('ends when its time is over: the rest goes back, the fee is taken once [SENSE-4.4]', () => {
    const { world, devices } = worldOf(1)
    const campaign = world.submit({ durationMs: 10 * MINUTE_MS, correctionMs: MINUTE_MS, budgetMicro: '1000' })
    world.minutes(10, [[devices[0] as WorldDevice, mild]])
    world.pass(5 * MINUTE_MS)
    expect(world.sensing.active(campaign)).toBeUndefined()
    expect(world.store.campaign(campaign)).toMatchObject({ state: 'done', reason: '', accepted: 10 })
    expect(world.balance(escrowAccount(campaign))).toBe(0n)
    expect(world.balance(submitterAccount(TOWN))).toBe(1_000_000n - 200n)
    expect(world.balance(FEE)).toBe(world.store.campaign(campaign)?.feeMicro)
    expect(world.audit()).toEqual([])
  })

  test('ends when its budget is spent, and says so', () => {
    const { world, devices } = worldOf(2)
    const campaign = world.submit({ budgetMicro: '130' })
    world.minutes(
      5,
      devices.map(device => [device, mild]),
    )
    world.pass(MINUTE_MS)
    const row = world.store.campaign(campaign)
    expect(row).toMatchObject({ state: 'done', reason: 'its budget is spent', readings: 10 })
    expect((row?.paidMicro ?? 0n) + (row?.feeMicro ?? 0n)).toBe(120n)
    expect(world.store.judgements({ campaign }).map(({ unpaidReason }) => unpaidReason)).toContain('budget')
    expect(world.audit()).toEqual([])
  })

  test('that is stopped pays what was judged and gives back the rest', () => {
    const { world, devices } = worldOf(1)
    const campaign = world.submit()
    world.minutes(5, [[devices[0] as WorldDevice, mild]])
    world.pass(MINUTE_MS)
    const stop = () => world.step((now, batch) => world.sensing.stop(campaign, 'cancelled', 'on request', now, batch))
    expect([stop(), stop()]).toEqual([true, false])
    expect(world.store.campaign(campaign)).toMatchObject({ state: 'cancelled', accepted: 5 })
    expect(world.sensing.planOf((devices[0] as WorldDevice).id)?.streams).toEqual([])
    expect(world.audit()).toEqual([])
  })

  test('goes on after a restart with what had come and was not judged [SENSE-3.4]', () => {
    const { world, devices } = worldOf(2)
    const campaign = world.submit()
    const reported = devices.map(device => [device, mild] as const)
    world.minutes(5, reported)
    world.pass(MINUTE_MS)
    const before = world.store.campaign(campaign)
    for (const device of devices) world.report(device, world.now.wallMs, [13, 13.1, 13.2])
    world.restart()
    for (const [i, device] of devices.entries()) world.connect(device, northOf(i * 200))
    world.pass(20 * MINUTE_MS)
    expect(world.sensing.active(campaign)?.row.readings).toBe((before?.readings ?? 0) + 6)
    expect(world.audit()).toEqual([])
    const paid = world.sensing.active(campaign)?.row.paidMicro
    world.restart()
    world.pass(MINUTE_MS)
    expect(world.sensing.active(campaign)?.row.paidMicro).toBe(paid)
  })

  test('shows the same evidence for a window however much has come since [SENSE-3.5]', () => {
    const { world, devices } = worldOf(3)
    const campaign = world.submit()
    world.minutes(
      5,
      devices.map(device => [device, mild]),
    )
    world.pass(MINUTE_MS)
    const judged = world.store.judgements({ campaign })
    world.minutes(
      20,
      devices.map(device => [device, () => 35]),
    )
    world.pass(MINUTE_MS)
    const again = world.store.judgements({ campaign, fromMs: START_MS, toMs: START_MS + 1 })
    expect(again).toEqual(judged.filter(row => row.windowMs === START_MS))
  })
})
