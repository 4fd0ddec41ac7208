/** Sensor Measurement Lists (RFC 8428): their fields, and what a pack must be to count as one. */
import type { ProtocolError } from '../../errors.ts'
import { badMessage } from '../../messages/failure.ts'

/** One record of a pack, as it is written. Whatever it leaves out is left out. */
export interface SenmlRecord {
  /** Base version: 10 unless said; 26 allows secondary units (RFC 9100). */
  readonly bver?: number
  /** Base name, put before the names of this and later records. */
  readonly bn?: string
  /** Base time in seconds, added to the times of this and later records. */
  readonly bt?: number
  /** Base unit, of this and later records without one of their own. */
  readonly bu?: string
  /** Base value, added to the values of this and later records. */
  readonly bv?: number
  /** Base sum, added to the sums of this and later records. */
  readonly bs?: number
  readonly n?: string
  readonly u?: string
  readonly v?: number
  readonly vs?: string
  readonly vb?: boolean
  readonly vd?: Uint8Array
  /** Integral over time, in unit × seconds. */
  readonly s?: number
  /** Seconds: since 1970 from 2^28 up, else from now. */
  readonly t?: number
  /** Seconds until the next reading at the latest. */
  readonly ut?: number
}

/** What a field holds. `data` is base64url in JSON and bytes in CBOR. */
export type SenmlKind = 'text' | 'number' | 'version' | 'boolean' | 'data'

/** Every field with its number in CBOR and its kind (RFC 8428 tables 1 and 4), in the order in which they are written. */
export const SENML_FIELDS: readonly (readonly [label: keyof SenmlRecord, cborLabel: number, kind: SenmlKind])[] = [
  ['bver', -1, 'version'],
  ['bn', -2, 'text'],
  ['bt', -3, 'number'],
  ['bu', -4, 'text'],
  ['bv', -5, 'number'],
  ['bs', -6, 'number'],
  ['n', 0, 'text'],
  ['u', 1, 'text'],
  ['v', 2, 'number'],
  ['vs', 3, 'text'],
  ['vb', 4, 'boolean'],
  ['vd', 8, 'data'],
  ['s', 5, 'number'],
  ['t', 6, 'number'],
  ['ut', 7, 'number'],
]

/** Largest pack that is read, in bytes of JSON or CBOR: a month of one sensor, each minute. */
export const SENML_BYTES_MAX = 16_777_216

const KINDS: ReadonlyMap<string, SenmlKind> = new Map(SENML_FIELDS.map(([label, , kind]) => [label, kind]))
const VALUE_LABELS = ['v', 'vs', 'vb', 'vd'] as const

/** The failure of a pack. */
export function badSenml(field: string, reason: string): ProtocolError {
  return badMessage('senml', field, reason)
}

/**
 * One record of its fields, checked. Fields that this software does not know are left out, as RFC 8428 §4.4 demands, unless
 * their name ends in `_`: those must be understood.
 * @param index - of the record, for refusals
 * @param fields - names and values; data values as bytes
 * @throws {ProtocolError} `bad_message`
 * @see spec/clauses.md [READ-4.2] [READ-4.3]
 */
export function senmlRecord(index: number, fields: Iterable<readonly [string, unknown]>): SenmlRecord {
  const record: Record<string, unknown> = {}
  for (const [label, value] of fields) {
    const kind = KINDS.get(label)
    if (kind === undefined) {
      if (label.endsWith('_')) throw badSenml(`[${index}].${label}`, 'is an extension that this software does not know')
      continue
    }
    if (label in record) throw badSenml(`[${index}].${label}`, 'must not be repeated')
    if (!isOfKind(value, kind)) throw badSenml(`[${index}].${label}`, `must be ${NAMES_OF_KINDS[kind]}`)
    record[label] = value
  }
  const values = VALUE_LABELS.filter(label => label in record)
  if (values.length > 1) throw badSenml(`[${index}].${values[1]}`, 'must not stand beside another value')
  return record
}

const NAMES_OF_KINDS: Readonly<Record<SenmlKind, string>> = {
  text: 'a text',
  number: 'a finite number',
  version: 'a positive integer',
  boolean: 'true or false',
  data: 'bytes',
}

function isOfKind(value: unknown, kind: SenmlKind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value.isWellFormed()
    case 'number':
      return Number.isFinite(value)
    case 'version':
      return Number.isSafeInteger(value) && Number(value) > 0
    case 'boolean':
      return typeof value === 'boolean'
    default:
      return value instanceof Uint8Array
  }
}
