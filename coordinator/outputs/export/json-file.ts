import { codesOf, isAccepted, type SensorReading, utf8, valueText } from '../../../protocol/index.ts'
import type { ExportFile } from './judged-reading.ts'

/** A JSON array of {@link SensorReading}. */
export function jsonFile(): ExportFile {
  let isFirst = true
  return {
    mediaType: 'application/json',
    head: utf8('['),
    tail: utf8(']\n'),
    chunk: readings => {
      const texts = readings.map(({ quantity, reading, flags }) => {
        const { atMs, unit, exponent, scaled } = reading
        const object: SensorReading = {
          atMs,
          quantity,
          unit,
          value: scaled === null ? null : valueText(scaled, exponent),
          codes: flags === null ? null : codesOf(flags),
          accepted: flags === null ? null : isAccepted(flags),
        }
        return JSON.stringify(object)
      })
      const comma = isFirst ? '' : ','
      isFirst = false
      return utf8(comma + texts.join(',\n'))
    },
  }
}
