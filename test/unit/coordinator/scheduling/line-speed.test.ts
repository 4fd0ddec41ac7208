import { expect, it } from 'vitest'
import { LineSpeeds } from '../../../../coordinator/scheduling/line-speed.ts'
import { deviceId } from '../../../../protocol/index.ts'

const PI = deviceId('a'.repeat(26))
const MIB = 1_048_576

it('takes a line that nobody has measured for a slow one', () => {
  expect(new LineSpeeds().moveMs(PI, 1_000_000)).toBe(1_000)
})

it('learns from what a device had to fetch, the newest counting a third', () => {
  const lines = new LineSpeeds()
  lines.learn(PI, 10 * MIB, 1_000)
  expect(lines.moveMs(PI, 10 * MIB)).toBeCloseTo(1_000)
  lines.learn(PI, 10 * MIB, 500)
  expect(lines.of(PI)).toBeCloseTo((10 * MIB) / 1_000 + 0.3 * ((10 * MIB) / 500 - (10 * MIB) / 1_000))
})

it('learns nothing from a few bytes, which say more about the round trip', () => {
  const lines = new LineSpeeds()
  lines.learn(PI, 65_535, 60_000)
  expect(lines.of(PI)).toBe(1_000)
})

it('is not fooled into an endless speed by a device that claims to have worked all the time', () => {
  const lines = new LineSpeeds()
  lines.learn(PI, 1_000 * MIB, -5)
  expect(lines.of(PI)).toBe(1_000_000)
})
