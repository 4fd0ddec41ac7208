import { describe, expect, test } from 'vitest'
import { codesOf, flag, isAccepted, QUALITY_VERSION, VERDICT_CODES } from '../../../../protocol/index.ts'

describe('verdicts', () => {
  test('[QC-1.1] are bits in the order of the codes', () => {
    expect(VERDICT_CODES.map(flag)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096])
    expect(VERDICT_CODES[0]).toBe('missing')
    expect(VERDICT_CODES[12]).toBe('duplicate_sensor')
    expect(codesOf(flag('late') | flag('jump'))).toEqual(['jump', 'late'])
    expect(codesOf(0)).toEqual([])
  })

  test('[QC-1.2] reject but for three codes that inform', () => {
    const informing = VERDICT_CODES.filter(code => isAccepted(flag(code)))
    expect(informing).toEqual(['jump_unclear', 'isolated', 'late'])
    expect(isAccepted(0)).toBe(true)
    expect(isAccepted(flag('late') | flag('isolated') | flag('jump_unclear'))).toBe(true)
    expect(isAccepted(flag('late') | flag('range'))).toBe(false)
  })

  test('fit two bytes, as they are stored', () => {
    expect(VERDICT_CODES.reduce((all, code) => all | flag(code), 0)).toBeLessThan(2 ** 16)
    expect(QUALITY_VERSION).toBe(1)
  })
})
