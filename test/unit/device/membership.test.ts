import { describe, expect, it } from 'vitest'
import { chooseMembership, type Enrolment } from '../../../device/index.ts'
import { regionIdOf } from '../../../protocol/index.ts'
import { ScriptedRegion } from '../../support/device/scripted-region.ts'

const region = new ScriptedRegion()
const enrolment: Enrolment = {
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
