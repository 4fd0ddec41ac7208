import { CSV_HEADER, csvLine, utf8 } from '../../../protocol/index.ts'
import { verdictText } from '../readings/verdicts.ts'
import type { SensingSource } from '../source.ts'
import type { ExportFile } from './judged-reading.ts'

/** CSV (RFC 4180), one reading a line. The value is empty where there is none, the verdict where nobody has judged. */
export function csvFile(source: SensingSource): ExportFile {
  return {
    mediaType: 'text/csv; charset=utf-8',
    head: utf8(CSV_HEADER),
    tail: new Uint8Array(),
    chunk: readings => {
      const lines = readings.map(({ sensor, quantity, reading, flags }) => {
        const { atMs, device, unit, exponent, scaled } = reading
        const model = source.registry.sensor(sensor)?.row.model ?? ''
        const verdict = flags === null ? '' : verdictText(flags)
        return csvLine({ atMs, device, sensor, model, quantity, unit, exponent, scaled: scaled ?? Number.NaN, verdict })
      })
      return utf8(lines.join(''))
    },
  }
}
