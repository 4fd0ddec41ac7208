import { describe, expect, it } from 'vitest'
import { toHex } from '../../../../protocol/bytes.ts'
import { decode } from '../../../../protocol/cbor/index.ts'
import { deviceIdOf, frameAad, openSign1, portableSigner, regionIdOf, sign1 } from '../../../../protocol/cose/index.ts'
import { ownerName } from '../../../../protocol/ids.ts'
import { nodeVerifier } from '../../../../protocol/node/index.ts'
import {
  decodeReputation,
  decodeStatement,
  encodeReputation,
  encodeStatement,
  type Reputation,
  subjectOf,
} from '../../../../protocol/settlement/index.ts'
import { wireCddl } from '../../../support/cddl.ts'

const verifier = nodeVerifier()
const grammar = wireCddl()
const device = portableSigner(new Uint8Array(32).fill(1))
const region = portableSigner(new Uint8Array(32).fill(2))
const place = { regionId: regionIdOf(region.publicKey), device: deviceIdOf(device.publicKey) }

describe('a statement [LOG-7.1]', () => {
  const statement = { kind: 'payout-address', seq: 9, address: new Uint8Array(20).fill(5) } as const
  const context = { ...place, direction: 'up', class: 'statement' } as const

  it('is signed by its device, for its region, and is nothing else there', () => {
    const frame = sign1(encodeStatement(statement), frameAad(context), device)
    expect(decodeStatement(openSign1(frame, frameAad(context), device.publicKey, verifier))).toEqual(statement)
    const elsewhere = [
      frameAad({ ...context, class: 'result' }),
      frameAad({ ...context, regionId: regionIdOf(device.publicKey) }),
      frameAad({ ...context, direction: 'dn' }),
    ]
    for (const aad of elsewhere) {
      expect(() => openSign1(frame, aad, device.publicKey, verifier)).toThrow(
        expect.objectContaining({ code: 'bad_signature' }),
      )
    }
  })

  it('has a reason that is cut when it is too long', () => {
    const long = { kind: 'dispute-lease', seq: 1, lease: 4, reason: 'x'.repeat(300) } as const
    expect(decodeStatement(encodeStatement(long))).toEqual({ ...long, reason: 'x'.repeat(256) })
  })
})

describe('a reputation [REP-1.1]', () => {
  const past = { checksPassed: 3, unitsAccepted: 4, unitsRejected: 5, sinceMs: 6, atMs: 7 }
  const ofOwner: Reputation = { region: place.regionId, subject: { kind: 'owner', name: ownerName('ada') }, ...past }
  const ofDevice: Reputation = { ...ofOwner, subject: { kind: 'device', id: place.device } }

  it.each([
    ['an owner', ofOwner, 'owner:ada'],
    ['a device', ofDevice, place.device],
  ] as const)('of %s is bound to whom it is about', (_title, reputation, subject) => {
    expect(subjectOf(reputation)).toBe(subject)
    const aad = frameAad({ regionId: place.regionId, direction: 'dn', device: subject, class: 'reputation' })
    expect(decode(aad)).toEqual(['hr/1', place.regionId, 'dn', subject, 'reputation'])
    expect(grammar.matches('external-aad', decode(aad))).toBe(true)
    const frame = sign1(encodeReputation(reputation), aad, region)
    expect(decodeReputation(openSign1(frame, aad, region.publicKey, verifier))).toEqual(reputation)
    expect(toHex(encodeReputation(ofOwner))).not.toBe(toHex(encodeReputation(ofDevice)))
  })
})
