/** The ways a field of each type can be wrong, and the form of the cases that vectors are made of. */
import { utf8 } from '../../protocol/bytes.ts'
import type { CborValue } from '../../protocol/cbor/index.ts'
import type { FrameClass } from '../../protocol/cose/index.ts'

/** A valid message. */
export interface Valid {
  readonly title: string
  readonly input: unknown
}

/** The first valid message with the element at `at` exchanged. */
export interface Invalid {
  readonly title: string
  readonly at: readonly number[]
  readonly to: CborValue
  /** The field that the refusal names. */
  readonly field: string
  /** CDDL cannot express the rule that refuses it. */
  readonly beyondCddl?: true
}

export interface Cases {
  readonly name: FrameClass
  readonly valid: readonly Valid[]
  readonly invalid: readonly Invalid[]
}

export const MAX = Number.MAX_SAFE_INTEGER
const BEYOND = BigInt(MAX) + 1n
/** `length` different bytes. */
export const b = (length: number, first = 0) => Uint8Array.from({ length }, (_, i) => (first + i) & 255)
const long = (bytes: number) => 'x'.repeat(bytes)
/** How a field of 0..2^53-1 can be wrong. */
export const uintFaults = (field: string, at: number[]): Invalid[] => [
  { title: `${field} is negative`, at, to: -1, field },
  { title: `${field} is beyond 2^53-1`, at, to: BEYOND, field },
  { title: `${field} is a text`, at, to: '1', field },
]
/** How a field of integers within bounds can be wrong. */
export const rangeFaults = (field: string, at: number[], min: number, max: number): Invalid[] => [
  { title: `${field} is below ${min}`, at, to: min - 1, field },
  { title: `${field} is above ${max}`, at, to: max === MAX ? BEYOND : max + 1, field },
  { title: `${field} is null`, at, to: null, field },
]
/** How a byte string of one length can be wrong. */
export const bytesFaults = (field: string, at: number[], length: number): Invalid[] => [
  { title: `${field} is a byte short`, at, to: b(length - 1), field },
  { title: `${field} is a byte long`, at, to: b(length + 1), field },
  { title: `${field} is a text`, at, to: long(length), field },
]
/** How a bounded text can be wrong. */
export const textFaults = (field: string, at: number[], bytesMax: number): Invalid[] => [
  { title: `${field} is a byte too long`, at, to: long(bytesMax + 1), field },
  { title: `${field} has few characters but too many bytes`, at, to: 'é'.repeat(bytesMax / 2 + 1), field },
  { title: `${field} is a byte string`, at, to: utf8('x'), field },
]
/** How a list of 1..max elements can be wrong. */
export const listFaults = (field: string, at: number[], max: number, item: CborValue): Invalid[] => [
  { title: `${field} is empty`, at, to: [], field },
  { title: `${field} has more than ${max} elements`, at, to: new Array<CborValue>(max + 1).fill(item), field },
  { title: `${field} is null`, at, to: null, field },
]

/** The same fault of a field inside an element. */
export function inside(path: string): (fault: Invalid) => Invalid {
  return fault => ({ ...fault, title: `${path}.${fault.title}`, field: `${path}.${fault.field}` })
}
