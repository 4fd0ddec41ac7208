import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../protocol/bytes.ts'
import { decode } from '../../protocol/cbor/index.ts'
import {
  deviceIdOf,
  keyThumbprint,
  openSign1,
  portableSigner,
  portableVerifier,
  regionIdOf,
  sign1,
} from '../../protocol/cose/index.ts'
import {
  type ClaimCode,
  checkOutputs,
  claimId,
  claimKey,
  claimProof,
  decodeClaimCode,
  decodeOutputs,
  encodeClaimCode,
  encodeOutputs,
  type UnitOutcome,
} from '../../protocol/messages/index.ts'
import { nodeVerifier } from '../../protocol/node/ed25519.ts'
import { packColumns, unpackColumns } from '../../protocol/readings/index.ts'
import { wireCddl } from '../support/cddl.ts'
import { fromDiag } from '../support/diag.ts'
import { FAMILIES } from '../support/message-families.ts'
import { columnsJson, columnsOfJson } from '../support/readings.ts'
import { refusalOf } from '../support/refusal.ts'
import {
  type ClaimFile,
  type ColumnsFile,
  type FrameFile,
  type KeysFile,
  type MessageFile,
  type OutputsFile,
  readVectors,
} from './files.ts'
import { aadOf } from './keys.ts'
import { profileOf } from './make-columns.ts'

const grammar = wireCddl()
const keys = readVectors<KeysFile>('keys')
const device = portableSigner(fromHex(keys.device.seedHex))
const region = portableSigner(fromHex(keys.region.seedHex))
const verifiers = [portableVerifier(), nodeVerifier()]

test('keys and ids [COSE-2.1]', () => {
  expect([toHex(device.publicKey), deviceIdOf(device.publicKey)]).toEqual([keys.device.publicKeyHex, keys.device.id])
  expect([toHex(region.publicKey), regionIdOf(region.publicKey)]).toEqual([keys.region.publicKeyHex, keys.region.id])
})

describe.each(FAMILIES.map(family => [family.name, family] as const))('%s', (name, family) => {
  const file = readVectors<MessageFile>(name)
  const positive = file.vectors.flatMap(vector => ('input' in vector ? [vector] : []))
  const negative = file.vectors.flatMap(vector => ('failure' in vector ? [vector] : []))
  const signer = file.direction === 'up' ? device : region

  test('the file is of this family', () => {
    const { message, rule, direction, class: frameClass } = file
    expect({ message, rule, direction, frameClass }).toEqual({
      message: name,
      rule: family.rule,
      direction: family.direction,
      frameClass: family.class,
    })
    expect(positive.length).toBeGreaterThan(0)
    expect(negative.length).toBeGreaterThan(10)
  })

  test.each(positive)('$title: encode equals, decode equals, CDDL matches [WIRE-2.1] [WIRE-2.2]', vector => {
    const input = fromDiag(vector.input)
    const payload = fromHex(vector.payloadHex)
    expect(toHex(family.encode(input))).toBe(vector.payloadHex)
    expect(family.decode(payload)).toEqual(input)
    expect(grammar.matches(file.rule, decode(payload))).toBe(true)
  })

  test.each(positive)('$title: signed by the sender for its topic [COSE-1.1] [COSE-1.2] [COSE-1.4]', vector => {
    const [payload, aad, frame] = [vector.payloadHex, vector.aadHex, vector.frameHex].map(fromHex)
    if (!payload || !aad || !frame) throw new Error('A vector lacks its bytes.')
    expect(toHex(aadOf(file.direction, family.class))).toBe(vector.aadHex)
    expect(toHex(sign1(payload, aad, signer))).toBe(vector.frameHex)
    expect(grammar.matches('frame', decode(frame))).toBe(true)
    expect(grammar.matches('external-aad', decode(aad))).toBe(true)
    for (const verifier of verifiers) {
      expect(toHex(openSign1(frame, aad, signer.publicKey, verifier))).toBe(vector.payloadHex)
    }
  })

  test.each(negative)('$title: refused, naming the fault [WIRE-1.1] [WIRE-1.2] [WIRE-2.4]', vector => {
    const { payloadHex, failure, beyondCddl } = vector
    expect(refusalOf(() => family.decode(fromHex(payloadHex)), failure)).toEqual(failure)
    if (failure.code !== 'bad_message') return
    expect(grammar.matches(file.rule, decode(fromHex(payloadHex)))).toBe(beyondCddl ?? false)
  })
})

describe('frame', () => {
  test.each(readVectors<FrameFile>('frame').vectors)('$title [COSE-1.1] [COSE-1.2] [COSE-1.3] [COSE-1.4]', vector => {
    const [frame, aad, publicKey] = [vector.frameHex, vector.aadHex, vector.publicKeyHex].map(fromHex)
    if (!frame || !aad || !publicKey) throw new Error('A vector lacks its bytes.')
    for (const verifier of verifiers) {
      const open = () => openSign1(frame, aad, publicKey, verifier)
      if (vector.failure) expect(refusalOf(open, vector.failure)).toEqual(vector.failure)
      else expect(toHex(open())).toBe(vector.payloadHex)
    }
  })
})

describe('outputs', () => {
  test.each(readVectors<OutputsFile>('outputs').vectors)(
    '$title [OUT-1.1] [OUT-1.2] [OUT-1.4] [OUT-3.1] [OUT-3.2] [OUT-3.3]',
    vector => {
      const bytes = fromHex(vector.payloadHex)
      if ('failure' in vector) {
        const { units, unitFuelMax, failure } = vector
        expect(refusalOf(() => checkOutputs(bytes, units, unitFuelMax), failure)).toEqual(failure)
        const anyLimit = unitFuelMax === undefined ? failure : null
        expect(refusalOf(() => decodeOutputs(bytes, units), failure)).toEqual(anyLimit)
        expect(refusalOf(() => checkOutputs(bytes, units), failure)).toEqual(anyLimit)
        return
      }
      const outcomes = fromDiag(vector.input) as UnitOutcome[]
      expect(toHex(encodeOutputs(outcomes))).toBe(vector.payloadHex)
      expect(decodeOutputs(bytes, outcomes.length)).toEqual(outcomes)
      expect(checkOutputs(bytes, outcomes.length)).toEqual({ failed: vector.failed, fuel: vector.fuel })
      expect(toHex(sha256(bytes))).toBe(vector.sha256Hex)
      expect(grammar.matches('outputs', decode(bytes))).toBe(true)
    },
  )
})

describe('columns', () => {
  test.each(readVectors<ColumnsFile>('columns').vectors)(
    '$title [READ-3.1] [READ-3.2] [READ-3.3] [READ-3.4] [READ-3.5] [READ-3.6] [READ-3.7] [READ-3.8]',
    vector => {
      const profile = profileOf(vector.kind, vector.channels)
      const unpack = () => unpackColumns(fromHex(vector.packedHex), vector.count, profile)
      if ('failure' in vector) expect(refusalOf(unpack, vector.failure)).toEqual(vector.failure)
      else {
        expect(columnsJson(unpack())).toEqual(vector.columns)
        expect(toHex(packColumns(columnsOfJson(vector.columns), vector.count, profile))).toBe(vector.packedHex)
      }
    },
  )
})

describe('claim', () => {
  const file = readVectors<ClaimFile>('claim')

  test.each(file.derivations)('$title [JOIN-3.1] [JOIN-3.2] [JOIN-3.3]', vector => {
    const secret = fromHex(vector.secretHex)
    const [deviceThumb, regionThumb] = [vector.deviceKeyHex, vector.regionKeyHex].map(key =>
      keyThumbprint(fromHex(key)),
    )
    if (!deviceThumb || !regionThumb) throw new Error('A vector lacks its keys.')
    expect(toHex(claimKey(secret))).toBe(vector.claimKeyHex)
    expect(toHex(claimId(secret))).toBe(vector.claimIdHex)
    expect(toHex(claimProof(claimKey(secret), deviceThumb, regionThumb))).toBe(vector.proofHex)
  })

  test.each(file.codes)('$title [JOIN-3.4]', vector => {
    if ('failure' in vector) {
      expect(refusalOf(() => decodeClaimCode(vector.code), vector.failure)).toEqual(vector.failure)
      return
    }
    expect(encodeClaimCode(fromDiag(vector.input) as ClaimCode)).toBe(vector.code)
    expect(decodeClaimCode(vector.code)).toEqual(fromDiag(vector.input))
  })
})
