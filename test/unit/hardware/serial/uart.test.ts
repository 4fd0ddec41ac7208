import { describe, expect, test } from 'vitest'
import { readAtSpeed } from '../../../../hardware/simulated/uart.ts'
import { fromHex, toHex } from '../../../../protocol/index.ts'

const at = (hex: string, sentBaud: number, readBaud: number): string =>
  toHex(readAtSpeed(fromHex(hex), sentBaud, readBaud))

describe('bytes read at another speed than they were sent at', () => {
  test('are as they were at the same speed', () => {
    expect(at('aac0ff00ab', 9_600, 9_600)).toBe('aac0ff00ab')
  })

  // Worked out on paper: a start bit, eight bits from the lowest up, a stop bit, on a line that rests high.
  test.each([
    ['at half the speed only each second bit is seen, and rest after them', '33', 9_600, 4_800, 'fa'],
    [
      'ones leave only the start bit, too short for a slow reader to miss and too long for none',
      'ff',
      9_600,
      4_800,
      'ff',
    ],
    ['a start bit read at double the speed is a start bit and a 0', 'ff', 4_800, 9_600, 'fe'],
    ['zeros read at double the speed break the stop bit, and what breaks it is dropped', '00', 4_800, 9_600, ''],
  ])('%s', (_, sent, sentBaud, readBaud, read) => {
    expect(at(sent, sentBaud, readBaud)).toBe(read)
  })

  test('are as many as the time they take allows', () => {
    const sent = Uint8Array.from({ length: 100 }, (_, i) => i)
    expect(readAtSpeed(sent, 115_200, 9_600).length).toBeLessThanOrEqual(Math.ceil(100 / 12))
    expect(readAtSpeed(sent, 115_200, 9_600).length).toBeGreaterThan(0)
    expect(readAtSpeed(new Uint8Array(), 115_200, 9_600)).toEqual(new Uint8Array())
  })
})
