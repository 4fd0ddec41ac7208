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

const ok = (bytes: Uint8Array, fuel = 1_000): UnitOutcome => ({ fuel, kind: 'ok', bytes })
const exit = (code: number, fuel = 1_000): UnitOutcome => ({ fuel, kind: 'exit', code })
/** Where fuel gets another form, and the most that a unit may burn. */
const FUEL_EDGES = [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 100_000_000_000]

/** What units come to, and bytes that are no outputs. */
export function outputsFile(): OutputsFile {
  const valid = (title: string, outcomes: UnitOutcome[]) => {
    const bytes = encodeOutputs(outcomes)
    const failed = outcomes.filter(outcome => outcome.kind !== 'ok').length
    const fuel = outcomes.reduce((sum, outcome) => sum + outcome.fuel, 0)
    return { title, input: toDiag(outcomes), payloadHex: toHex(bytes), sha256Hex: toHex(sha256(bytes)), failed, fuel }
  }
  const invalid = (title: string, units: number, payloadHex: string, field = '[0]') => {
    return { title, units, payloadHex, failure: { code: 'bad_message', field } as const }
  }
  const beyond = (title: string, unitFuelMax: number, outcomes: UnitOutcome[]) => {
    return { ...invalid(title, outcomes.length, toHex(encodeOutputs(outcomes))), unitFuelMax }
  }
  return {
    vectors: [
      valid('one unit', [ok(utf8('42\n'))]),
      valid('one unit without a byte and without fuel', [ok(b(0), 0)]),
      valid('an output, a trap, an exit code and out of fuel', [
        ok(b(32), 1_234_567),
        { fuel: 77, kind: 'trap', trap: 'unreachable' },
        exit(1),
        { fuel: 1_000_000_000, kind: 'out_of_fuel' },
      ]),
      valid(
        'every trap',
        TRAP_KINDS.map((trap, i): UnitOutcome => ({ fuel: i, kind: 'trap', trap })),
      ),
      valid(
        'outputs with fuel at the edges of its forms',
        FUEL_EDGES.map(fuel => ok(b(1), fuel)),
      ),
      valid(
        'out of fuel at the edges of its forms',
        FUEL_EDGES.map((fuel): UnitOutcome => ({ fuel, kind: 'out_of_fuel' })),
      ),
      valid(
        'exit codes at the edges of their forms',
        [23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1].map((code, i) => exit(code, FUEL_EDGES[i])),
      ),
      valid(
        'outputs at the edges of their forms',
        [23, 24, 255, 256].map(length => ok(b(length))),
      ),
      valid('24 units', new Array<UnitOutcome>(24).fill(ok(utf8('x')))),
      valid('300 units', new Array<UnitOutcome>(300).fill(ok(b(0)))),
      invalid('no bytes', 1, '', 'payload'),
      invalid('no units', 1, '80', 'payload'),
      invalid('a byte string', 1, '4142', 'payload'),
      invalid('fewer units than the lease', 2, '81820040', 'payload'),
      invalid('more units than the lease', 1, '82820040820040', 'payload'),
      invalid('a count longer than needed', 1, '9801820040', 'payload'),
      invalid('an indefinite count', 1, '9f820040ff', 'payload'),
      invalid('a count that nothing follows', 60_000, '99ea60', 'payload'),
      invalid('a count for which the bytes cannot be enough', 2, '82820040', 'payload'),
      invalid('more units than any lease', 65_537, '9a00010001820040', 'payload'),
      invalid('a byte follows', 1, '8182004000', 'payload'),
      invalid('an output without fuel', 1, '81426162'),
      invalid('an output cut off', 1, '8182004261'),
      invalid('a length longer than needed', 1, '818200580161'),
      invalid('a length in eight bytes', 1, '8182005b000000000000000161'),
      invalid('an indefinite output', 1, '8182005f4161ff'),
      invalid('an output above 1 MiB', 1, '8182005a00100001'),
      invalid('a text for an output', 1, '8182006161'),
      invalid('a tag', 1, '818200c24161'),
      invalid('a tagged element', 1, '81c2820040'),
      invalid('null', 1, '81f6f6f6'),
      invalid('null for an output', 1, '818200f6'),
      invalid('an array of one', 1, '81810101'),
      invalid('an array of three with an output', 1, '8183004000'),
      invalid('an array of four', 1, '818400010000'),
      invalid('an array of four that holds two', 1, '81840040'),
      invalid('an array whose head is longer than needed', 1, '8198020040'),
      invalid('an indefinite array', 1, '819f0040ff'),
      invalid('negative fuel', 1, '81822040'),
      invalid('fuel above the most that a unit may burn', 1, '81821b000000174876e80140'),
      invalid('fuel beyond 2^53', 1, '81821b002000000000000040'),
      invalid('fuel beyond what eight bytes of it could be read as', 1, '81821bffffffffffffffff40'),
      invalid('fuel in two bytes that fits one', 1, '8182181740'),
      invalid('fuel in three bytes that fits two', 1, '81821900ff40'),
      invalid('fuel in five bytes that fits three', 1, '81821a0000ffff40'),
      invalid('fuel in nine bytes that fits five', 1, '81821b00000000ffffffff40'),
      invalid('fuel with a reserved head', 1, '81821c0000000100000000000000000000000040'),
      invalid('fuel as a float', 1, '8182f93c0040'),
      invalid('fuel as a byte string', 1, '8182410140'),
      invalid('fuel as null', 1, '8182f640'),
      invalid('fuel cut off', 1, '81821a0001'),
      invalid('fuel and nothing else', 1, '81821819'),
      beyond('more fuel than the limit of the task', 999, [ok(b(1), 1_000)]),
      beyond('a trap after more fuel than the limit of the task', 76, [
        { fuel: 77, kind: 'trap', trap: 'unreachable' },
      ]),
      beyond('out of fuel before the limit of the task', 1_000, [{ fuel: 999, kind: 'out_of_fuel' }]),
      invalid('out of fuel in two bytes', 1, '8182001803'),
      invalid('out of fuel with a value', 1, '8183000300'),
      invalid('a trap without its number', 1, '81820001'),
      invalid('an unknown kind alone', 1, '81820004'),
      invalid('an unknown kind', 1, '8183000401'),
      invalid('kind 0', 1, '8183000000'),
      invalid('an unknown trap', 1, '8183000108'),
      invalid('a trap in two bytes', 1, '818300011801'),
      invalid('a trap that is cut off', 1, '81830001'),
      invalid('exit code 0', 1, '8183000200'),
      invalid('an exit code beyond 32 bits', 1, '818300021b0000000100000000'),
      invalid('a negative exit code', 1, '8183000220'),
      invalid('an exit code longer than needed', 1, '818300021801'),
      invalid('an exit code cut off inside its number', 1, '818300021901'),
      invalid('the second of two', 2, '8282004083000108', '[1]'),
    ],
  }
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
  const pinned: ClaimCode = { ...claim, mqttUrl: 'mqtts://192.0.2.1:8883', caKeySha256: b(32, 64) }
  const fields2: CborValue[] = [2, pinned.mqttUrl, ...fields.slice(2), b(32, 64)]
  const written2 = (wrong: CborValue) => `hedgerow-claim:2:${toBase64Url(encode(wrong))}`
  const changed2 = (at: number, to: CborValue) => written2(fields2.map((field, i) => (i === at ? to : field)))
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
      {
        title: 'a region that is its own TLS authority',
        input: toDiag(pinned),
        code: encodeClaimCode(pinned),
      },
      refused('another kind of text', 'hello', 'prefix'),
      refused('a text without a version', good.replace(':1:', ':'), 'prefix'),
      refused('a newer version of the text', good.replace(':1:', ':3:'), 'version'),
      refused('the text of version 2 for the fields of version 1', good.replace(':1:', ':2:'), 'fields'),
      refused('a key too few', written2(fields2.slice(0, 5)), 'fields'),
      refused('a broker without TLS and a TLS authority', changed2(1, claim.mqttUrl), 'mqttUrl'),
      refused('a TLS authority whose key has 31 bytes', changed2(5, b(31)), 'caKeySha256'),
      refused('the text of version 2 for fields that say version 1', changed2(0, 1), 'version'),
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
