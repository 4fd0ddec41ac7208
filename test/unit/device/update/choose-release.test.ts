import { expect, test } from 'vitest'
import { chooseRelease, type Taker } from '../../../../device/update/choose-release.ts'
import type { TrustedRelease } from '../../../../device/update/trust.ts'
import { deviceId, regionName } from '../../../../protocol/index.ts'
import { rolloutBucket } from '../../../../protocol/releases/index.ts'

const device = deviceId('b'.repeat(26))

function release(version: string, more: Partial<TrustedRelease['facts']> = {}): TrustedRelease {
  const facts = { version, nodeMin: '24.0.0', rollout: { '*': 100 }, unpackedBytes: 1, files: 1, ...more }
  return { facts, url: '', lengthBytes: 1, sha256: '' }
}

const taker: Taker = { device, region: regionName('home'), version: '1.1.0', node: '24.5.0', isBarred: () => false }
const chosen = (releases: TrustedRelease[], more: Partial<Taker> = {}) => {
  const choice = chooseRelease(releases, { ...taker, ...more })
  return [choice.release?.facts.version ?? null, choice.says]
}

test('the newest version that is for this device is taken, never an older one', () => {
  const all = [release('1.0.0'), release('1.10.0'), release('1.9.0'), release('1.1.0')]
  expect(chosen(all)).toEqual(['1.10.0', 'Version 1.10.0 is for this device.'])
  expect(chosen(all, { version: '1.10.0' })).toEqual([null, 'Version 1.10.0 is the newest there is.'])
  expect(chosen([])).toEqual([null, 'Version 1.1.0 is the newest there is.'])
})

test('what is not for this device is passed over, with the reason', () => {
  const old = release('1.2.0')
  expect(chosen([old, release('1.3.0', { nodeMin: '26.0.0' })])[0]).toBe('1.2.0')
  expect(chosen([release('1.3.0', { nodeMin: '26.0.0' })])[1]).toMatch(/needs Node 26\.0\.0 and this is 24\.5\.0/)
  expect(chosen([release('1.3.0')], { isBarred: version => version === '1.3.0' })[1]).toMatch(/tried on this device/)
  expect(chosen([release('1.3.0', { rollout: { home: 0, '*': 100 } })])[1]).toMatch(
    /for 0 of 100 devices of the region 'home'/,
  )
})

test('a share decides by the place of the device', () => {
  const place = rolloutBucket(device, '1.2.0')
  expect(chosen([release('1.2.0', { rollout: { home: place } })])[0]).toBe(null)
  expect(chosen([release('1.2.0', { rollout: { home: place + 1 } })])[0]).toBe('1.2.0')
})

test('a device that has not joined takes only what everybody takes', () => {
  const alone = { device: null, region: null }
  expect(chosen([release('1.2.0', { rollout: { '*': 99 } })], alone)[0]).toBe(null)
  expect(chosen([release('1.2.0', { rollout: { '*': 100 } })], alone)[0]).toBe('1.2.0')
})
