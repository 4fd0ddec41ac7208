import { describe, expect, it } from 'vitest'
import { chooseMembership, type Enrolment } from '../../../device/index.ts'
import { regionIdOf } from '../../../protocol/index.ts'
import { ScriptedRegion } from '../../support/device/scripted-region.ts'

const region = new ScriptedRegion()
const enrolment: Enrolment = {
  caKeySha256: null,
  mqttUrl: 'mqtt://old.example:1883',
  region: region.name,
  regionKey: region.publicKey,
  blobUrl: 'http://old.example:8080',
  standing: 'joined',
  standingReason: '',
}

describe('chooseMembership', () => {
  it('trusts the key that the claim pins', () => {
    const membership = chooseMembership(null, region.claim, '/state')
    expect(membership).toMatchObject({
      mqttUrl: 'mqtt://region.example:1883',
      regionThumbprint: region.claim.regionKeyThumbprint,
      regionId: regionIdOf(region.publicKey),
      enrolment: null,
    })
  })

  it('trusts the key that is stored, and needs no claim for it', () => {
    const membership = chooseMembership(enrolment, null, '/state')
    expect(membership).toMatchObject({
      mqttUrl: 'mqtt://old.example:1883',
      regionId: regionIdOf(region.publicKey),
      claim: null,
    })
  })

  it('goes where a newer claim of the same region says it has moved', () => {
    const membership = chooseMembership(enrolment, region.claim, '/state')
    expect(membership).toMatchObject({ mqttUrl: 'mqtt://region.example:1883', enrolment, claim: region.claim })
  })

  it('trusts the TLS authority that goes with the address', () => {
    const caKeySha256 = new Uint8Array(32).fill(3)
    const stored = { ...enrolment, caKeySha256 }
    expect(chooseMembership(stored, null, '/state').caKeySha256).toEqual(caKeySha256)
    const claim = { ...region.claim, mqttUrl: 'mqtts://region.example:8883', caKeySha256: new Uint8Array(32).fill(4) }
    expect(chooseMembership(stored, claim, '/state').caKeySha256).toEqual(claim.caKeySha256)
    expect(chooseMembership(stored, region.claim, '/state').caKeySha256).toBeNull()
  })

  it('does not mix two regions in one folder', () => {
    const { claim } = new ScriptedRegion({ seed: 'other' })
    expect(() => chooseMembership(enrolment, claim, '/state')).toThrow(
      "The claim cannot be used here: the folder /state belongs to the region 'north', the claim is for another region of that name. " +
        'Use another folder for another region.',
    )
  })

  it('asks for a claim', () => {
    expect(() => chooseMembership(null, null, '/state')).toThrow(/belongs to no region yet: start it with a claim code/)
  })
})
