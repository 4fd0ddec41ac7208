import { encodeSenmlJson, utf8 } from '../../../protocol/index.ts'
import type { SensingSource } from '../source.ts'
import type { ExportFile } from './judged-reading.ts'
import { SenmlRecords } from './senml-records.ts'

/** SenML as JSON (RFC 8428). Readings without a value are left out, since SenML cannot say so. */
export function senmlFile(source: SensingSource): ExportFile {
  const records = new SenmlRecords(source)
  let isFirst = true
  return {
    mediaType: 'application/senml+json',
    head: utf8('['),
    tail: utf8(']\n'),
    chunk: readings => {
      const array = encodeSenmlJson(records.of(readings))
      const inside = array.subarray(1, -1)
      if (inside.length === 0) return inside
      const piece = isFirst ? inside : Uint8Array.of(COMMA, ...inside)
      isFirst = false
      return piece
    },
  }
}

const COMMA = 0x2c
