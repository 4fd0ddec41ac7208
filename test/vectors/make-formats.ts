/** Makes the vectors of what is not a message: outputs, claims and frames. */
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, fromHex, toBase64Url, toHex, utf8 } from '../../protocol/bytes.ts'
import { type CborValue, encode } from '../../protocol/cbor/index.ts'
import { keyThumbprint, sign1 } from '../../protocol/cose/index.ts'
import { regionName } from '../../protocol/ids.ts'
import {
  type ClaimCode,
  claimId,
  claimKey,
  claimProof,
  encodeClaimCode,
  encodeOutputs,
  encodeStatus,
  TRAP_KINDS,
  type UnitOutcome,
} from '../../protocol/messages/index.ts'
import { toDiag } from '../support/diag.ts'
import { b } from './faults.ts'
import type { ClaimFile, FrameFile, OutputsFile, Refusal } from './files.ts'
import { aadOf, DEVICE, REGION } from './keys.ts'

const ok = (bytes: Uint8Array): UnitOutcome => ({ kind: 'ok', bytes })

/** What units come to, and bytes that are no outputs. */
export function outputsFile(): OutputsFile {
  const valid = (title: string, outcomes: UnitOutcome[]) => {
    const bytes = encodeOutputs(outcomes)
    return { title, input: toDiag(outcomes), payloadHex: toHex(bytes), sha256Hex: toHex(sha256(bytes)) }
  }
  const invalid = (title: string, units: number, payloadHex: string, field = '[0]') => {
    return { title, units, payloadHex, failure: { code: 'bad_message', field } as const }
  }
  return {
    vectors: [
      valid('one unit', [ok(utf8('42\n'))]),
      valid('one unit without a byte', [ok(b(0))]),
      valid('an output, a trap and an exit code', [
        ok(b(32)),
        { kind: 'trap', trap: 'unreachable' },
        { kind: 'exit', code: 1 },
      ]),
      valid(
        'every trap',
        TRAP_KINDS.map((trap): UnitOutcome => ({ kind: 'trap', trap })),
      ),
      valid('exit codes at the edges of their forms', [23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1].map(exit)),
      valid(
        'outputs at the edges of their forms',
        [23, 24, 255, 256].map(length => ok(b(length))),
      ),
      valid('24 units', new Array<UnitOutcome>(24).fill(ok(utf8('x')))),
      valid('300 units', new Array<UnitOutcome>(300).fill(ok(b(0)))),
      invalid('no bytes', 1, '', 'payload'),
      invalid('no units', 1, '80', 'payload'),
      invalid('a byte string', 1, '4142', 'payload'),
      invalid('fewer units than the lease', 2, '8140', 'payload'),
      invalid('more units than the lease', 1, '824040', 'payload'),
      invalid('a count longer than needed', 1, '980140', 'payload'),
      invalid('an indefinite count', 1, '9f40ff', 'payload'),
      invalid('a count that nothing follows', 60_000, '99ea60', 'payload'),
      invalid('more units than any lease', 65_537, '9a0001000140', 'payload'),
      invalid('a byte follows', 1, '814000', 'payload'),
      invalid('an output cut off', 1, '814261'),
      invalid('a length longer than needed', 1, '81580161'),
      invalid('a length in eight bytes', 1, '815b000000000000000161'),
      invalid('an indefinite output', 1, '815f4161ff'),
      invalid('an output above 1 MiB', 1, '815a00100001'),
      invalid('a text', 1, '816161'),
      invalid('a tag', 1, '81c24161'),
      invalid('null', 1, '81f6'),
      invalid('an array of one', 1, '818101'),
      invalid('an array of three', 1, '8183010000'),
      invalid('an unknown kind', 1, '81820301'),
      invalid('an unknown trap', 1, '81820109'),
      invalid('a trap in two bytes', 1, '8182011801'),
      invalid('a trap that is cut off', 1, '818201'),
      invalid('exit code 0', 1, '81820200'),
      invalid('an exit code beyond 32 bits', 1, '8182021b0000000100000000'),
      invalid('a negative exit code', 1, '81820220'),
      invalid('an exit code longer than needed', 1, '8182021801'),
      invalid('the second of two', 2, '8240820109', '[1]'),
    ],
  }
}

function exit(code: number): UnitOutcome {
  return { kind: 'exit', code }
}

/** How claims are derived and written. */
export function claimFile(): ClaimFile {
  const secret = b(16, 160)
  const key = claimKey(secret)
  const proof = claimProof(key, keyThumbprint(DEVICE.publicKey), keyThumbprint(REGION.publicKey))
  const claim: ClaimCode = {
    mqttUrl: 'mqtt://192.0.2.1:1883',
    region: regionName('home'),
    regionKeyThumbprint: keyThumbprint(REGION.publicKey),
    secret,
  }
  const fields: CborValue[] = [1, claim.mqttUrl, claim.region, claim.regionKeyThumbprint, claim.secret]
  const written = (wrong: CborValue) => `hedgerow-claim:1:${toBase64Url(encode(wrong))}`
  const changed = (at: number, to: CborValue) => written(fields.map((field, i) => (i === at ? to : field)))
  const refused = (title: string, code: string, reason: string) => {
    return { title, code, failure: { code: 'bad_claim', reason } as const }
  }
  const good = encodeClaimCode(claim)
  return {
    derivations: [
      {
        title: 'from the secret to the proof',
        secretHex: toHex(secret),
        deviceKeyHex: toHex(DEVICE.publicKey),
        regionKeyHex: toHex(REGION.publicKey),
        claimKeyHex: toHex(key),
        claimIdHex: toHex(claimId(secret)),
        proofHex: toHex(proof),
      },
    ],
    codes: [
      { title: 'a broker on the local network', input: toDiag(claim), code: good },
      {
        title: 'a broker behind TLS and HTTP',
        input: toDiag({ ...claim, mqttUrl: 'wss://region.example/mqtt', region: 'north-2' }),
        code: encodeClaimCode({ ...claim, mqttUrl: 'wss://region.example/mqtt', region: regionName('north-2') }),
      },
      refused('another kind of text', 'hello', 'prefix'),
      refused('another version of the text', good.replace(':1:', ':2:'), 'prefix'),
      refused('the last character is missing', good.slice(0, -1), 'encoding'),
      refused('padding', `${good}=`, 'encoding'),
      refused('a space in it', good.replace('claim:1:', 'claim:1: '), 'encoding'),
      refused('not CBOR', 'hedgerow-claim:1:_w', 'encoding'),
      refused('far too long', good + 'A'.repeat(2_048), 'length'),
      refused('a field too few', written(fields.slice(0, 4)), 'fields'),
      refused('a newer version of the fields', changed(0, 2), 'version'),
      refused('a broker that is a web page', changed(1, 'https://region.example'), 'mqttUrl'),
      refused('a broker without a host', changed(1, 'mqtt://'), 'mqttUrl'),
      refused('a region in capitals', changed(2, 'Home'), 'region'),
      refused('a region that is bytes', changed(2, utf8('home')), 'region'),
      refused('a thumbprint of 16 bytes', changed(3, b(16)), 'regionKeyThumbprint'),
      refused('a secret of 15 bytes', changed(4, b(15)), 'secret'),
    ],
  }
}

/** Frames as they must be, and frames that prove nothing. */
export function frameFile(): FrameFile {
  const payload = encodeStatus({ session: 3, seq: 1, creditLeases: 6, runningLeases: 2, reason: '' })
  const aad = aadOf('up', 'status')
  const frame = sign1(payload, aad, DEVICE)
  const publicKeyHex = toHex(DEVICE.publicKey)
  const vector = (title: string, bytes: Uint8Array, failure: Refusal, otherAad = aad) => {
    return { title, frameHex: toHex(bytes), aadHex: toHex(otherAad), publicKeyHex, failure }
  }
  const badSignature: Refusal = { code: 'bad_signature' }
  const badFrame: Refusal = { code: 'bad_frame' }
  const flipped = (at: number) => frame.map((byte, i) => (i === (at + frame.length) % frame.length ? byte ^ 1 : byte))
  const swap = (from: string, to: string) => fromHex(toHex(frame).replace(from, to))
  return {
    vectors: [
      {
        title: 'a status of the device',
        frameHex: toHex(frame),
        aadHex: toHex(aad),
        publicKeyHex,
        payloadHex: toHex(payload),
      },
      vector('a bit of the payload is flipped', flipped(9), badSignature),
      vector('a bit of the signature is flipped', flipped(-1), badSignature),
      vector('found on the topic of another class', frame, badSignature, aadOf('up', 'hello')),
      vector('found in the other direction', frame, badSignature, aadOf('dn', 'status')),
      vector('signed by the region', sign1(payload, aad, REGION), badSignature),
      vector('algorithm -8', swap('8443a10132', '8443a10127'), { code: 'bad_algorithm' }),
      vector('tagged', concatBytes(Uint8Array.of(0xd2), frame), badFrame),
      vector('a byte follows', concatBytes(frame, Uint8Array.of(0)), badFrame),
      vector('the last byte is missing', frame.subarray(0, -1), badFrame),
      vector('a header that is not protected', swap('8443a10132a0', '8443a10132a10400'), badFrame),
      vector('a second protected header', swap('8443a10132a0', '8445a201320400a0'), badFrame),
      vector('no bytes', b(0), badFrame),
    ],
  }
}
