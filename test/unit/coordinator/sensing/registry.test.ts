import { describe, expect, test } from 'vitest'
import { holdbackAccount } from '../../../../coordinator/ledger/ledger.ts'
import { readFlags } from '../../../../coordinator/sensing/flags.ts'
import { codesOf, type SensorId } from '../../../../protocol/index.ts'
import { northOf, SensingWorld, START_MS, type WorldDevice } from '../../../support/sensing-world.ts'

const MINUTE_MS = 60_000

/** Two devices of these owners; the second announces the sensor of the first as its own too. */
function copyOf(owner: string, other: string): { world: SensingWorld; first: WorldDevice; second: WorldDevice } {
  const world = new SensingWorld()
  const first = world.join(owner, northOf(0))
  world.pass(1_000)
  const second = { ...world.join(other, northOf(100)), sensors: first.sensors }
  world.connect(second, northOf(100))
  return { world, first, second }
}

const sensorOf = (device: WorldDevice): SensorId => device.sensors[0] as SensorId

describe('a sensor that two devices announce', () => {
  test('stays with the one that had it first while it is connected [SENSE-2.4]', () => {
    const { world, first, second } = copyOf('ann', 'bob')
    expect(world.sensing.registry.sensor(sensorOf(first))?.row).toMatchObject({ device: first.id, rival: second.id })
    const campaign = world.submit({ startMs: START_MS })
    world.pass(5 * MINUTE_MS)
    world.report(second, START_MS, [12, 12, 12])
    world.report(first, START_MS, [13, 13.1, 13.2])
    world.pass(10 * MINUTE_MS)
    expect(world.store.judgements({ campaign }).map(({ device }) => device)).toEqual([first.id])
    expect(world.balance(holdbackAccount(second.id))).toBe(0n)
    expect(world.balance(holdbackAccount(first.id))).toBeGreaterThan(0n)
  })

  test('is accepted of neither when both are one owner [SENSE-2.4]', () => {
    const { world, first } = copyOf('ann', 'ann')
    const campaign = world.submit({ startMs: START_MS })
    world.pass(5 * MINUTE_MS)
    world.report(first, START_MS, [13, 13.1, 13.2])
    world.pass(10 * MINUTE_MS)
    const flags = world.store.judgements({ campaign }).flatMap(row => readFlags(row.flags).map(codesOf))
    expect(flags).toHaveLength(3)
    expect(flags.every(codes => codes.includes('duplicate_sensor'))).toBe(true)
    expect(world.balance(holdbackAccount(first.id))).toBe(0n)
  })

  test('goes to the other once the first is gone, and counts as moved', () => {
    const { world, first, second } = copyOf('ann', 'bob')
    const { firstSeenMs } = world.sensing.registry.sensor(sensorOf(first))?.row ?? { firstSeenMs: 0 }
    world.disconnect(first)
    world.pass(5_000)
    world.connect(second, northOf(100))
    const row = world.sensing.registry.sensor(sensorOf(first))?.row
    expect(row).toMatchObject({ device: second.id, rival: null, firstSeenMs })
    expect(row?.placedSinceMs).toBeGreaterThan(firstSeenMs)
  })
})

describe('a place', () => {
  test('is the same when it is only measured better, and another after 50 metres', () => {
    const world = new SensingWorld()
    const device = world.join('ann', northOf(0))
    world.pass(10_000)
    world.connect(device, northOf(20))
    expect(world.sensing.registry.place(device.id)?.sinceMs).toBe(START_MS)
    world.connect(device, northOf(120))
    expect(world.sensing.registry.place(device.id)?.sinceMs).toBe(START_MS + 10_000)
  })

  test('is needed to measure for anybody, and the explanation says so', () => {
    const world = new SensingWorld()
    const device = world.join('ann', null)
    const campaign = world.submit()
    const spec = world.sensing.active(campaign)?.spec
    if (spec === undefined) throw new Error('the campaign runs')
    expect(world.sensing.choose(spec).excluded).toEqual([
      {
        sensor: device.sensors[0],
        device: device.id,
        kind: 'no_place',
        reason: 'its device has not said where it stands',
      },
    ])
    world.connect(device, northOf(0))
    expect(world.sensing.active(campaign)?.assigned.size).toBe(1)
  })
})

describe('a choice', () => {
  test('takes twice as many as are paid, the longest-serving first', () => {
    const world = new SensingWorld()
    const devices = ['ann', 'bob', 'cat', 'dan'].map(owner => {
      world.pass(1_000)
      return world.join(owner, northOf(0))
    })
    const campaign = world.submit({ paidPerCell: 1 })
    const assigned = [...(world.sensing.active(campaign)?.assigned.values() ?? [])].map(({ device }) => device)
    expect(assigned).toEqual(devices.slice(0, 2).map(({ id }) => id))
  })

  test.each([
    [{ labels: ['ann-pi'] }, ['ann']],
    [{ box: [48, 11, 49, 12] }, ['ann', 'bob']],
    [{ box: [0, 0, 1, 1] }, []],
  ])('keeps to the area %j', (area, owners) => {
    const world = new SensingWorld()
    const known = new Map(['ann', 'bob'].map(owner => [world.join(owner, northOf(0)).id, owner]))
    const campaign = world.submit({ area })
    const assigned = [...(world.sensing.active(campaign)?.assigned.values() ?? [])]
    expect(assigned.map(({ device }) => known.get(device)).sort()).toEqual(owners)
  })
})
