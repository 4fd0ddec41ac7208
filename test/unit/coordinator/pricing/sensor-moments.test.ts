import { expect, test } from 'vitest'
import { sensorMoments } from '../../../../coordinator/pricing/index.ts'
import { northOf, SensingWorld } from '../../../support/sensing-world.ts'

test('tells each kind of sensor of each connected device once, and whether it measures', () => {
  const world = new SensingWorld()
  const ann = world.join('ann', northOf(0), ['temperature', 'temperature', 'humidity'])
  const bob = world.join('bob', northOf(1), ['temperature'])
  const moments = () => sensorMoments(world.sensing, world.fleet)
  const kinds = () => moments().map(({ device, quantity, isMeasuring }) => [device, quantity, isMeasuring])
  expect(kinds()).toEqual(
    expect.arrayContaining([
      [ann.id, 'temperature', false],
      [ann.id, 'humidity', false],
      [bob.id, 'temperature', false],
    ]),
  )
  expect(kinds()).toHaveLength(3)
  world.submit({ quantity: 'temperature' })
  expect(
    moments()
      .filter(({ isMeasuring }) => isMeasuring)
      .map(({ quantity }) => quantity),
  ).toEqual(['temperature', 'temperature'])
  world.disconnect(bob)
  expect(moments().some(({ device }) => device === bob.id)).toBe(false)
})
