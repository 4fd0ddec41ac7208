import { expect, test } from 'vitest'
import {
  ago,
  bytes,
  counted,
  credits,
  creditsRoughly,
  duration,
  fuel,
  percent,
  rate,
  roughly,
  words,
} from '../../../../dashboard/ui/format.ts'

test.each([
  ['0', '0 cr', '0'],
  ['1', '0.000001 cr', '0.000001'],
  ['-1250000', '-1.25 cr', '-1.25'],
  ['1234567890', '1,234.56789 cr', '1,235'],
  ['9223372036854775807', '9,223,372,036,854.775807 cr', '9.22 T'],
])('%s micro-credits are %s, roughly %s', (micro, exact, short) => {
  expect([credits(micro), creditsRoughly(micro)]).toEqual([exact, short])
})

test.each([
  [0.012345, '0.0123'],
  [950, '950'],
  [9_999, '9,999'],
  [12_345, '12.3 k'],
  [4_560_000, '4.56 M'],
])('%d is roughly %s', (value, text) => expect(roughly(value)).toBe(text))

test.each([
  [0, '0 %'],
  [0.5, '50 %'],
  [0.9234, '92.3 %'],
  [0.999987, '99.9987 %'],
  [0.99999999999, '99.99999999 %'],
  [1, '100 %'],
])('%d of all is %s', (part, text) => expect(percent(part)).toBe(text))

test.each([
  [0, '0 s', 'just now'],
  [59_400, '59 s', '59 s ago'],
  [200_000, '3 min 20 s', '3 min ago'],
  [7_500_000, '2 h 5 min', '2 h ago'],
  [400_000_000, '4 d 15 h', '4 d ago'],
  [-5, '0 s', 'just now'],
])('%d ms are %s, and were %s', (ms, long, since) => expect([duration(ms), ago(ms)]).toEqual([long, since]))

test('other quantities have their units', () => {
  expect([rate(0), rate(0.42), rate(850.4)]).toEqual(['0/s', '0.4/s', '850/s'])
  expect([fuel(12_345), fuel('310000000'), fuel(1.25e9)]).toEqual(['12,345 fuel', '310 megafuel', '1.25 gigafuel'])
  expect([bytes(512), bytes(1_536), bytes(3 * 1_024 ** 2)]).toEqual(['512 B', '1.5 KiB', '3.0 MiB'])
  expect([counted(1, 'device'), counted(2_000, 'entry', 'entries')]).toEqual(['1 device', '2,000 entries'])
  expect([words('creditLeases'), words('earnedMicro')]).toEqual(['credit leases', 'earned'])
})
