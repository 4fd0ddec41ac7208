import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../../../protocol/bytes.ts'
import { ProtocolError } from '../../../../protocol/errors.ts'
import { regionName } from '../../../../protocol/ids.ts'
import {
  type ClaimCode,
  claimId,
  claimKey,
  claimProof,
  decodeClaimCode,
  encodeClaimCode,
} from '../../../../protocol/messages/index.ts'

const secret = Uint8Array.from({ length: 16 }, (_, i) => i * 3)
const claim: ClaimCode = {
  mqttUrl: 'mqtt://coordinator.local:1883',
  region: regionName('home'),
  regionKeyThumbprint: new Uint8Array(32).fill(5),
  secret,
}

describe('derivations, against the definition by Node', () => {
  const digest = (label: string) => createHash('sha256').update(label).update(secret).digest()

  test('key [JOIN-3.1]', () => {
    expect(toHex(claimKey(secret))).toBe(digest('hedgerow/claim-key/1').toString('hex'))
  })

  test('id [JOIN-3.2]', () => {
    expect(toHex(claimId(secret))).toBe(digest('hedgerow/claim-id/1').subarray(0, 8).toString('hex'))
  })

  test('proof, which fits one device in one region [JOIN-3.3]', () => {
    const [device, region] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    const key = claimKey(secret)
    const expected = createHmac('sha256', key)
      .update('hedgerow/claim-proof/1')
      .update(device)
      .update(region)
      .digest('hex')
    expect(toHex(claimProof(key, device, region))).toBe(expected)
    expect(toHex(claimProof(key, region, device))).not.toBe(expected)
    expect(toHex(claimProof(claimKey(device.subarray(0, 16)), device, region))).not.toBe(expected)
  })
})

describe('code', () => {
  test('comes back, with spaces around it ignored [JOIN-3.4]', () => {
    const text = encodeClaimCode(claim)
    expect(text).toMatch(/^hedgerow-claim:1:[A-Za-z0-9_-]+$/)
    expect(text.length).toBeLessThan(160)
    expect(decodeClaimCode(text)).toEqual(claim)
    expect(decodeClaimCode(`\n  ${text} \n`)).toEqual(claim)
  })

  test('with the TLS authority comes back too, as version 2 [JOIN-4.1]', () => {
    const pinned = { ...claim, mqttUrl: 'mqtts://coordinator.local', caKeySha256: new Uint8Array(32).fill(9) }
    const text = encodeClaimCode(pinned)
    expect(text).toMatch(/^hedgerow-claim:2:[A-Za-z0-9_-]+$/)
    expect(text.length).toBeLessThan(220)
    expect(decodeClaimCode(text)).toEqual(pinned)
  })

  test.each<[string, Partial<ClaimCode>]>([
    ['mqttUrl', { caKeySha256: new Uint8Array(32) }],
    ['caKeySha256', { mqttUrl: 'mqtts://coordinator.local', caKeySha256: new Uint8Array(31) }],
    ['mqttUrl', { mqttUrl: 'http://coordinator.local' }],
    ['mqttUrl', { mqttUrl: `mqtt://${'x'.repeat(512)}` }],
    ['regionKeyThumbprint', { regionKeyThumbprint: new Uint8Array(31) }],
    ['secret', { secret: new Uint8Array(17) }],
  ])('a claim with a wrong %s is not written [JOIN-3.4]', (reason, wrong) => {
    const write = () => encodeClaimCode({ ...claim, ...wrong })
    expect(write).toThrow(ProtocolError)
    expect(write).toThrow(expect.objectContaining({ info: { code: 'bad_claim', reason } }))
  })

  test.each([
    ['', 'starts with'],
    ['hedgerow-claim:1:', 'damaged or cut short'],
    [encodeClaimCode(claim).slice(0, -4), 'damaged or cut short'],
    [encodeClaimCode(claim).toUpperCase(), 'starts with'],
    [encodeClaimCode(claim).replace(':1:', ':3:'), 'update this software'],
  ])('%j says what to do [JOIN-3.4]', (text, sentence) => {
    expect(() => decodeClaimCode(text)).toThrow(sentence)
  })
})
