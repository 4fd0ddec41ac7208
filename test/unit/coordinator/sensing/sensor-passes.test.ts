/** Every way in which a sensor is not asked for a campaign is kept once it has happened, and is still there after a restart. */
import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { campaignScope, SENSOR_PASSES, type SensorPass } from '../../../../coordinator/sensing/sensor-passes.ts'
import { type CampaignId, deviceId, sensorIdOf } from '../../../../protocol/index.ts'
import { channelOf, northOf, SensingWorld } from '../../../support/sensing-world.ts'

/** Each has a sensor passed over for the campaign that it returns. */
const SCENES: Record<SensorPass, (world: SensingWorld) => CampaignId> = {
  standing: world => {
    const { id } = world.join('ann', northOf(0))
    const campaign = world.submit()
    const member = world.fleet.member(id) ?? expect.fail('it has joined')
    world.step((now, batch) => {
      world.fleet.demote(member, 'revoked', 'sold', now.wallMs, batch)
      world.sensing.reconsider(now, batch)
    })
    return campaign
  },
  price: world => {
    const device = world.join('ann', northOf(0))
    const campaign = world.submit({ priceMicro: '20' })
    const floor = { gigafuelMicro: 0n, readingMicro: 21n }
    world.step((_, batch) => world.pricing.stateFloor(device.id, floor, 1, batch))
    world.connect(device, northOf(0))
    return campaign
  },
  stranger: world => {
    world.join('ann', northOf(0))
    const device = deviceId('z'.repeat(26))
    const info = { sensor: sensorIdOf('test', 'z'), model: 'test', serial: 'z', channels: [channelOf('temperature')] }
    world.sensing.registry.announce(device, northOf(0), [info], world.now.wallMs, new Batch())
    return world.submit()
  },
  no_place: world => {
    world.join('ann', northOf(0))
    world.join('bob', null)
    return world.submit()
  },
  outside: world => {
    world.join('ann', northOf(0))
    world.join('bob', northOf(200_000))
    return world.submit({ area: { box: [48, 11, 49, 12] } })
  },
  cell_full: world => {
    for (const owner of ['ann', 'bob', 'cat']) world.join(owner, northOf(0))
    return world.submit({ paidPerCell: 1 })
  },
  twins: world => {
    world.join('ann', northOf(0), ['temperature', 'temperature', 'temperature'])
    return world.submit()
  },
}

describe('why a sensor is not asked', () => {
  it.each(SENSOR_PASSES)('[SCHED-1.5] is kept when it happened, over a restart: %s', kind => {
    const world = new SensingWorld()
    const scope = campaignScope(SCENES[kind](world))
    const rows = () => world.store.passedOver(scope)
    const counted = rows().find(row => row.kind === kind) ?? expect.fail(`${kind} is kept`)
    const alone = rows().filter(row => row.kind.startsWith('sensor/'))
    expect(alone.map(({ reason, untilMs }) => [reason, untilMs])).toContainEqual([counted.reason, null])
    world.restart()
    expect(rows()).toContainEqual(counted)
  })

  it('ends when it is asked after all, and is not counted again by a restart', () => {
    const world = new SensingWorld()
    world.join('ann', northOf(0))
    const bob = world.join('bob', null)
    const campaign = world.submit()
    const rows = () => world.store.passedOver(campaignScope(campaign))
    const before = rows()
    expect(before).toMatchObject([
      { kind: 'no_place', times: 1 },
      { kind: `sensor/${bob.sensors[0]}`, untilMs: null },
    ])
    world.restart()
    expect(rows()).toEqual(before)
    world.pass(5_000)
    world.connect(bob, northOf(10))
    expect(rows()).toMatchObject([{ times: 1 }, { times: 1, untilMs: world.now.wallMs }])
  })
})
