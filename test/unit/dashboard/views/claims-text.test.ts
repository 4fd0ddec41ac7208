import { expect, test } from 'vitest'
import { isThisMachineOnly, joinCommand, nodeDescription } from '../../../../dashboard/views/claims-text.ts'
import { readNodeDescription } from '../../../../hardware/image/node-description.ts'
import { encodeClaimCode, regionName } from '../../../../protocol/index.ts'

const code = encodeClaimCode({
  mqttUrl: 'mqtt://hedge.example:1883',
  region: regionName('meadow'),
  regionKeyThumbprint: new Uint8Array(32),
  secret: new Uint8Array(16),
})
const claim = { code, hostname: 'hedge-1' }

test('what is copied for a card is a node description that `hedgerow flash` takes', () => {
  const description = readNodeDescription(nodeDescription(claim), 'node.yaml')
  expect(description).toMatchObject({ hostname: 'hedge-1', claim: code, country: 'DE', wifi: { ssid: 'NETWORK' } })
})

test('what is copied for a shell starts a device', () => {
  expect(joinCommand(claim)).toBe(`npx hedgerow device --claim ${code} --label hedge-1`)
})

test.each([
  ['mqtt://127.0.0.1:1883', true],
  ['mqtts://localhost:8883', true],
  ['mqtt://[::1]:1883', true],
  ['mqtt://192.168.1.7:1883', false],
  ['mqtt://localhost.example:1883', false],
])('%s leads nowhere else: %s', (url, isOnly) => expect(isThisMachineOnly(url)).toBe(isOnly))
