import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DeviceId, deviceId, regionName } from '../../../../protocol/index.ts'
import { parseRollout, rolloutBucket, rolloutPercent } from '../../../../protocol/releases/index.ts'

const home = regionName('home')
const device = fc.stringMatching(/^[a-z2-7]{26}$/).map(deviceId)

/** As a device decides it. */
const takesPart = (percent: number, id: DeviceId, version: string): boolean =>
  rolloutBucket(id, version) < rolloutPercent({ home: percent }, home)

test('a roll-out names regions and the rest', () => {
  const rollout = parseRollout('home=25, *=1')
  expect(rollout).toEqual({ home: 25, '*': 1 })
  expect(rolloutPercent(rollout, home)).toBe(25)
  expect(rolloutPercent(rollout, regionName('constructor'))).toBe(1)
  expect(rolloutPercent(rollout, null)).toBe(1)
  expect(rolloutPercent(parseRollout('home=25'), regionName('away'))).toBe(0)
  expect(parseRollout('50')).toEqual({ '*': 50 })
})

test.each(['', 'home', 'home=', 'home=101', 'home=-1', 'home=1.5', 'Home=5', '__proto__=5', 'a=1,,b=2'])(
  'a roll-out that is none is refused: %s',
  text => {
    expect(() => parseRollout(text)).toThrow(/cannot be used/)
  },
)

test('the place of a device is a hash that anybody can compute', () => {
  const id = deviceId('a'.repeat(26))
  const digest = createHash('sha256').update(`${id}:1.2.0`).digest()
  expect(rolloutBucket(id, '1.2.0')).toBe(digest.readUInt32BE(0) % 100)
})

test('a larger share keeps every device of a smaller one', () => {
  fc.assert(
    fc.property(device, fc.nat(100), fc.nat(100), (id, a, b) => {
      const [few, many] = [Math.min(a, b), Math.max(a, b)]
      if (takesPart(few, id, '2.0.0')) expect(takesPart(many, id, '2.0.0')).toBe(true)
      expect(takesPart(0, id, '2.0.0')).toBe(false)
      expect(takesPart(100, id, '2.0.0')).toBe(true)
    }),
  )
})

test('a share is about that share of devices, and others for another version', () => {
  const ids = fc.sample(device, { numRuns: 4_000, seed: 7 })
  const takers = (version: string) => new Set(ids.filter(id => takesPart(25, id, version)))
  const [first, second] = [takers('1.0.0'), takers('1.0.1')]
  expect(first.size / ids.length).toBeGreaterThan(0.2)
  expect(first.size / ids.length).toBeLessThan(0.3)
  expect([...first].filter(id => second.has(id)).length / first.size).toBeLessThan(0.4)
})
