/** Makes the content of each vector file from its cases. */
import { concatBytes, toHex } from '../../protocol/bytes.ts'
import { type CborValue, decode, encode } from '../../protocol/cbor/index.ts'
import { sign1 } from '../../protocol/cose/index.ts'
import { wireCddl } from '../support/cddl.ts'
import { toDiag } from '../support/diag.ts'
import { FAMILIES } from '../support/message-families.ts'
import type { Cases, Invalid } from './faults.ts'
import type { KeysFile, MessageFile, NegativeVector, PositiveVector } from './files.ts'
import { aadOf, DEVICE, DEVICE_ID, DEVICE_SEED, REGION, REGION_ID, REGION_SEED, signerOf } from './keys.ts'

const grammar = wireCddl()

/** Vectors of one message family. */
export function messageFile(cases: Cases): MessageFile {
  const family = FAMILIES.find(({ name }) => name === cases.name)
  const first = cases.valid[0]
  if (family === undefined || first === undefined) throw new Error(`There is no message '${cases.name}'.`)
  const { rule, direction } = family
  const aad = aadOf(direction, family.class)
  const positive = cases.valid.map(({ title, input }): PositiveVector => {
    const payload = family.encode(input)
    const frame = sign1(payload, aad, signerOf(direction))
    return { title, input: toDiag(input), payloadHex: toHex(payload), aadHex: toHex(aad), frameHex: toHex(frame) }
  })
  const base = family.encode(first.input)
  const negative = cases.invalid.map(invalid => faulty(rule, base, invalid))
  return {
    message: cases.name,
    rule,
    direction,
    class: family.class,
    vectors: [...positive, ...structural(base), ...negative],
  }
}

/** The seeds, keys and ids behind the frames. */
export function keysFile(): KeysFile {
  return {
    device: { seedHex: toHex(DEVICE_SEED), publicKeyHex: toHex(DEVICE.publicKey), id: DEVICE_ID },
    region: { seedHex: toHex(REGION_SEED), publicKeyHex: toHex(REGION.publicKey), id: REGION_ID },
  }
}

function faulty(rule: string, base: Uint8Array, { title, at, to, field, beyondCddl }: Invalid): NegativeVector {
  const value = exchange(decode(base), at, to)
  if (grammar.matches(rule, value) !== (beyondCddl ?? false))
    throw new Error(`${rule}: the CDDL disagrees on '${title}'.`)
  const vector: NegativeVector = { title, payloadHex: toHex(encode(value)), failure: { code: 'bad_message', field } }
  return beyondCddl === undefined ? vector : { ...vector, beyondCddl }
}

/** What can be wrong with any message, whatever its fields. */
export function structural(base: Uint8Array): NegativeVector[] {
  const value = decode(base)
  if (!Array.isArray(value)) throw new Error('A message is an array.')
  const fields: readonly CborValue[] = value
  const shape = (title: string, wrong: CborValue): NegativeVector => {
    return { title, payloadHex: toHex(encode(wrong)), failure: { code: 'bad_message', field: 'payload' } }
  }
  const form = (title: string, bytes: Uint8Array, reason: string): NegativeVector => {
    return { title, payloadHex: toHex(bytes), failure: { code: 'bad_cbor', reason } }
  }
  const body = base.subarray(1)
  return [
    shape('an element too few', fields.slice(0, -1)),
    shape('an element too many', [...fields, null]),
    shape('not an array', 7),
    form('no bytes', new Uint8Array(), 'truncated'),
    form('the last byte is missing', base.subarray(0, -1), 'truncated'),
    form('a byte follows', concatBytes(base, Uint8Array.of(0)), 'trailing'),
    form('a tag', concatBytes(Uint8Array.of(0xd2), base), 'tag'),
    form('an indefinite length', concatBytes(Uint8Array.of(0x9f), body, Uint8Array.of(0xff)), 'indefinite'),
    form('a head longer than needed', concatBytes(Uint8Array.of(0x98, fields.length), body), 'non_minimal'),
    form('a float', Uint8Array.of(0x81, 0xf9, 0x3c, 0x00), 'float'),
  ]
}

/** `value` with the element at `at` exchanged. */
export function exchange(value: CborValue, at: readonly number[], to: CborValue): CborValue {
  const [index, ...deeper] = at
  if (index === undefined) return to
  if (!Array.isArray(value) || index >= value.length) throw new Error(`There is no element ${at.join('.')}.`)
  const elements: readonly CborValue[] = value
  return elements.map((element, i) => (i === index ? exchange(element, deeper, to) : element))
}
