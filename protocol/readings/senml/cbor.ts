/** SenML as CBOR, `application/senml+cbor` (RFC 8428 §6). It has floats, so it never goes through this protocol's own CBOR. */
import { CborReader } from './cbor-reader.ts'
import { CborWriter } from './cbor-writer.ts'
import { badSenml, SENML_BYTES_MAX, SENML_FIELDS, type SenmlRecord, senmlRecord } from './record.ts'

const LABELS: ReadonlyMap<number, string> = new Map(SENML_FIELDS.map(([label, number]) => [number, label]))

/** A pack as CBOR: a definite array of maps, every number in the shortest form that is the same double. */
export function encodeSenmlCbor(records: readonly SenmlRecord[]): Uint8Array {
  const writer = new CborWriter()
  writer.array(records.length)
  for (const record of records) {
    const fields = SENML_FIELDS.filter(([label]) => record[label] !== undefined)
    writer.map(fields.length)
    for (const [label, number] of fields) {
      writer.number(number)
      writeValue(writer, record[label])
    }
  }
  return writer.finish()
}

/**
 * Reads a pack.
 * @throws {ProtocolError} `bad_message` that names record and field; `bad_text` when a text is not UTF-8
 * @see spec/clauses.md [READ-4.2] [READ-4.3]
 */
export function decodeSenmlCbor(bytes: Uint8Array): SenmlRecord[] {
  if (bytes.length > SENML_BYTES_MAX) throw badSenml('payload', `must be at most ${SENML_BYTES_MAX} bytes`)
  const reader = new CborReader(bytes)
  const count = reader.array()
  const records: SenmlRecord[] = []
  for (let index = 0; index < count; index++) records.push(senmlRecord(index, readFields(reader, index)))
  reader.finish()
  return records
}

/** The labels of RFC 8428 are all the integers there will ever be, so another one is a mistake. */
function readFields(reader: CborReader, index: number): [string, unknown][] {
  const fields: [string, unknown][] = []
  for (let left = reader.map(); left > 0; left--) {
    const key = reader.key()
    const label = typeof key === 'string' ? key : LABELS.get(key)
    if (label === undefined) throw badSenml(`[${index}]`, `must not have a field numbered ${key}`)
    fields.push([label, reader.value()])
  }
  return fields
}

function writeValue(writer: CborWriter, value: SenmlRecord[keyof SenmlRecord]): void {
  if (typeof value === 'number') writer.number(value)
  else if (typeof value === 'string') writer.text(value)
  else if (typeof value === 'boolean') writer.boolean(value)
  else if (value !== undefined) writer.data(value)
}
