import { expect, test } from 'vitest'
import { CSV_HEADER, type CsvReading, csvLine } from '../../../../protocol/readings/index.ts'

const reading: CsvReading = {
  atMs: 1_795_000_020_005,
  device: 'aaaaaaaaaaaaaaaaaaaaaaaaaa',
  sensor: '0123456789abcdef',
  model: 'bme280',
  quantity: 'temperature',
  unit: 'Cel',
  exponent: -2,
  scaled: -1_050,
  verdict: 'accepted',
}

test('a reading is a line with the digits of its resolution', () => {
  expect(CSV_HEADER).toBe('time,device,sensor,model,quantity,unit,value,verdict\r\n')
  expect(csvLine(reading)).toBe(
    '2026-11-18T11:07:00.005Z,aaaaaaaaaaaaaaaaaaaaaaaaaa,0123456789abcdef,bme280,temperature,Cel,-10.50,accepted\r\n',
  )
})

test('a missing value is an empty field', () => {
  expect(csvLine({ ...reading, scaled: Number.NaN, verdict: 'missing' })).toContain(',Cel,,missing\r\n')
})

test.each([
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['=HYPERLINK(0)', "'=HYPERLINK(0)"],
  ['@sum', "'@sum"],
  ['-cmd', "'-cmd"],
])('the model %j is the field %s, which no spreadsheet runs', (model, field) => {
  expect(csvLine({ ...reading, model }).split(',0123456789abcdef,')[1]).toBe(
    `${field},temperature,Cel,-10.50,accepted\r\n`,
  )
})
