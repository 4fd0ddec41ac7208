import { encodeSenmlCbor } from '../../../protocol/index.ts'
import { ApiError } from '../../http/admin-api.ts'
import type { SensingSource } from '../source.ts'
import type { ExportFile } from './judged-reading.ts'
import { SenmlRecords } from './senml-records.ts'

/** Records in one file: its first bytes say how many there are, so all are held until then. About ten bytes each. */
const RECORDS_MAX = 2_000_000

const MAJOR_ARRAY = 4

/** SenML as CBOR (RFC 8428 §6). */
export function cborFile(source: SensingSource): ExportFile {
  const records = new SenmlRecords(source)
  return {
    mediaType: 'application/senml+cbor',
    head: new Uint8Array(),
    tail: new Uint8Array(),
    chunk: () => new Uint8Array(),
    whole: chunks => {
      const pieces: Uint8Array[] = []
      let count = 0
      for (const chunk of chunks) {
        const next = records.of(chunk)
        count += next.length
        if (count > RECORDS_MAX) {
          const message = `SenML as CBOR holds at most ${RECORDS_MAX} records here: narrow the time, or take csv or senml.`
          throw new ApiError('bad_request', message)
        }
        pieces.push(encodeSenmlCbor(next).subarray(arrayHead(next.length).length))
      }
      return [arrayHead(count), ...pieces]
    },
  }
}

/** The head of an array in its shortest form (RFC 8949 §3). */
function arrayHead(count: number): Uint8Array {
  const initial = MAJOR_ARRAY << 5
  if (count < 24) return Uint8Array.of(initial | count)
  if (count < 2 ** 8) return Uint8Array.of(initial | 24, count)
  if (count < 2 ** 16) return Uint8Array.of(initial | 25, count >> 8, count & 0xff)
  const head = new Uint8Array(5)
  head[0] = initial | 26
  new DataView(head.buffer).setUint32(1, count)
  return head
}
