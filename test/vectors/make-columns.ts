/** Makes the vectors of packed columns: what is in each frame, and bits that are no columns. */
import { toHex } from '../../protocol/bytes.ts'
import { type Profile, type ProfileKind, packColumns, sensorId } from '../../protocol/readings/index.ts'
import { columnsOfJson } from '../support/readings.ts'
import type { ColumnsFile } from './files.ts'

const VALUE_MAX = 2 ** 47

/** A profile of so many channels. What they measure does not show in the columns. */
export function profileOf(kind: ProfileKind, channels: number): Profile {
  return {
    periodMs: 60_000,
    kind,
    channels: Array.from({ length: channels }, (_, i) => {
      return { sensor: sensorId('0000000000000000'), quantity: `q${i}`, unit: 'V', exponent: 0, calibration: null }
    }),
  }
}

/** Bits as bytes, filled up with zeros. */
function bits(text: string): string {
  const all = text.replaceAll(' ', '')
  const padded = all.padEnd(Math.ceil(all.length / 8) * 8, '0')
  return (padded.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2).toString(16).padStart(2, '0')).join('')
}

/** What columns come to, and bytes that are no columns. */
export function columnsFile(): ColumnsFile {
  const valid = (title: string, columns: (number | null)[][], kind: ProfileKind = 'sample') => {
    const channels = columns.length / (kind === 'sample' ? 1 : 4)
    const count = columns[0]?.length ?? 0
    return {
      title,
      kind,
      channels,
      count,
      columns,
      packedHex: toHex(packColumns(columnsOfJson(columns), count, profileOf(kind, channels))),
    }
  }
  const invalid = (title: string, count: number, packedHex: string, kind: ProfileKind = 'sample') => {
    return { title, kind, channels: 1, count, packedHex, failure: { code: 'bad_message', field: 'columns' } as const }
  }
  const ramp = Array.from({ length: 24 }, (_, i) => 100_000 + i * 7)
  const long = Array.from({ length: 150 }, (_, i) => -4 - i * 21)
  const noise = Array.from({ length: 60 }, (_, i) => 2_000 + ((i * 7_919) % 13) - ((i * 104_729) % 5))
  return {
    vectors: [
      valid('no readings', [[], []]),
      valid('one reading of 0', [[0]]),
      valid('one reading of -1', [[-1]]),
      valid('one missing reading', [[null]]),
      valid('the largest and the least value', [[VALUE_MAX, -VALUE_MAX, VALUE_MAX, -VALUE_MAX, 0]]),
      valid('a constant', [new Array<number>(60).fill(101_325)]),
      valid('a constant that ends with the third', [[5, 5, 5]]),
      valid('a change after two repeats', [[5, 5, 5, 6, 6, 6, 6, 5]]),
      valid('a straight line', [ramp]),
      valid('a straight line so long that nothing is expected to be missed', [long]),
      valid('noise', [noise]),
      valid('a step that no short code reaches', [[0, 0, 1, 0, 1_000_000, 1_000_001, 1_000_000]]),
      valid('all missing', [new Array<null>(9).fill(null)]),
      valid('missing at the start, in the middle and at the end', [[null, 4, 5, null, null, 6, 6, null]]),
      valid('every other missing', [[1, null, 2, null, 3, null, 4]]),
      valid('two columns, the first without values', [
        [null, null, null],
        [7, 8, 9],
      ]),
      valid(
        'statistics, the second period without samples',
        [
          [200, null, 203, 199],
          [195, null, 203, 190],
          [207, null, 203, 202],
          [12, null, 1, 11],
        ],
        'statistics',
      ),
      valid(
        'statistics at their bounds',
        [
          [VALUE_MAX, 0],
          [-VALUE_MAX, 0],
          [VALUE_MAX, 0],
          [1, 2 ** 32 - 1],
        ],
        'statistics',
      ),
      invalid('bytes without readings', 0, '00'),
      invalid('no bytes', 1, ''),
      // All present; the value 0 is the number 0, six zero bits. Nine bits hold a second reading of the same value.
      invalid('the second value missing', 2, bits('0 000000')),
      invalid('a byte follows', 1, `${bits('0 000000')}00`),
      invalid('a bit of the last byte is set', 1, bits('0 000000 1')),
      invalid('missing values where there are none', 2, bits('1 0 010 000000 1 00')),
      invalid('a run past the last reading', 2, bits('1 1 011')),
      invalid('a run with too many zeros', 2, bits('1 1 0000000000000000')),
      invalid('a first value of 2^52', 1, bits(`0 110100 ${'0'.repeat(52)}`)),
      invalid('a first value of 2^47 + 1', 1, bits(`0 110000 ${'0'.repeat(45)}011`)),
      invalid('a length of 63 bits', 1, bits(`0 111111 ${'0'.repeat(63)}`)),
      invalid('a first value below -(2^47)', 1, bits(`0 110000 ${'0'.repeat(45)}010`)),
      invalid('statistics of a negative spread', 1, bits('0 000000 000001 0 000000 000001 1'), 'statistics'),
      invalid('statistics of no samples', 1, bits('0 000000 000000 000000 000000'), 'statistics'),
    ],
  }
}
