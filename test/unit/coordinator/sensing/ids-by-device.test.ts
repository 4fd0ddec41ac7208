import { expect, test } from 'vitest'
import { IdsByDevice } from '../../../../coordinator/sensing/ids-by-device.ts'
import { deviceId, type SensorId } from '../../../../protocol/index.ts'

const ANN = deviceId('a'.repeat(26))
const BOB = deviceId('b'.repeat(26))
const [FIRST, SECOND] = ['first', 'second'] as SensorId[] as [SensorId, SensorId]

test('a sensor is found at the device that it has moved to, and at no other', () => {
  const ids = new IdsByDevice()
  ids.move(SECOND, null, ANN)
  ids.move(FIRST, null, ANN)
  expect(ids.of(ANN)).toEqual([SECOND, FIRST])

  ids.move(SECOND, ANN, BOB)
  ids.move(FIRST, ANN, ANN)
  expect([ids.of(ANN), ids.of(BOB)]).toEqual([[FIRST], [SECOND]])

  ids.move(SECOND, BOB, null)
  expect(ids.of(BOB)).toEqual([])
})
