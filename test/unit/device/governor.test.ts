import { describe, expect, it } from 'vitest'
import { Governor, type Health } from '../../../device/index.ts'

const GOOD: Health = { socTemperatureMilliC: 55_000, underVoltage: false, throttled: false }
const SILENT: Health = { socTemperatureMilliC: null, underVoltage: null, throttled: null }

describe('Governor', () => {
  it.each([
    [GOOD, ''],
    [SILENT, ''],
    [{ ...GOOD, socTemperatureMilliC: 79_999 }, ''],
    [{ ...GOOD, socTemperatureMilliC: 80_000 }, 'the board is too hot: above 80 °C'],
    [{ ...GOOD, underVoltage: true }, 'the power supply is too weak: the board reports under-voltage'],
    [{ ...GOOD, throttled: true }, 'the board has lowered its clock to protect itself'],
  ])('judges %j', (health, reason) => {
    const governor = new Governor()
    expect(governor.judge(health, 0)).toBe(reason !== '')
    expect(governor.reason).toBe(reason)
  })

  it('does not flutter: work begins again a minute after the last trouble, on a cool board', () => {
    const governor = new Governor()
    governor.judge({ ...GOOD, socTemperatureMilliC: 81_000 }, 0)
    governor.judge({ ...GOOD, socTemperatureMilliC: 75_000 }, 30_000)
    expect(governor.reason).toBe('the board is too hot: above 72 °C')
    expect(governor.judge({ ...GOOD, socTemperatureMilliC: 70_000 }, 89_000)).toBe(false)
    expect(governor.reason).not.toBe('')
    expect(governor.judge({ ...GOOD, socTemperatureMilliC: 70_000 }, 90_000)).toBe(true)
    expect(governor.reason).toBe('')
  })
})
