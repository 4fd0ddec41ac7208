import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calibrationFor, calibrationOf, withCalibration } from '../../../../hardware/calibration.ts'
import { channelOf, fromScaled, toScaled } from '../../../../hardware/scaled.ts'
import type { Measurement, Sensor } from '../../../../hardware/sensor.ts'
import { LIMITS, QUANTITIES, type SensorFault } from '../../../../protocol/index.ts'

interface Given {
  readonly quantities?: readonly string[]
  readonly values: readonly (number | null)[]
  readonly faults?: readonly (SensorFault | null)[]
  readonly recorded?: readonly (number | null)[][]
}

function sensorOf({ quantities = ['temperature', 'humidity'], values, faults, recorded }: Given): Sensor {
  const measurement: Measurement = {
    values,
    faults: faults ?? values.map(value => (value === null ? 'no_answer' : null)),
  }
  const sensor: Sensor = {
    model: 'chip',
    serial: 'a1',
    channels: quantities.map(channelOf),
    sample: async () => measurement,
    health: () => ({ state: 'ok', advice: 'fine', counters: { a: 1 } }),
    close: async () => {},
  }
  if (recorded === undefined) return sensor
  return {
    ...sensor,
    async *recordings() {
      for (const [index, row] of recorded.entries()) yield { values: row, faults: row.map(() => null), atMs: index }
    },
  }
}

describe('a calibration', () => {
  test('is raw × gain + offset in whole numbers of the resolution', async () => {
    const sensor = withCalibration(sensorOf({ values: [2_000, 5_000] }), { temperature: { gain: 1.02, offset: -0.5 } })
    expect(await sensor.sample()).toEqual({ values: [1_990, 5_000], faults: [null, null] })
    expect(calibrationOf(sensor, 0)).toEqual({ offset: -50, gainPpm: 1_020_000, formula: '' })
    expect(calibrationOf(sensor, 1)).toBeNull()
  })

  test('is what anyone computes from what travels', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.double({ min: 0.001, max: 1_000, noNaN: true }),
        fc.double({ min: -1_000, max: 1_000, noNaN: true }),
        async (raw, gain, offset) => {
          const sensor = withCalibration(sensorOf({ values: [raw, null] }), { temperature: { gain, offset } })
          const told = calibrationOf(sensor, 0) ?? { offset: 0, gainPpm: 1_000_000 }
          const { values } = await sensor.sample()
          const exact = (BigInt(raw) * BigInt(told.gainPpm)) / 1_000_000n
          expect(Math.abs((values[0] ?? Number.NaN) - told.offset - Number(exact))).toBeLessThanOrEqual(1)
          expect(Number.isInteger(told.offset) && Number.isInteger(told.gainPpm)).toBe(true)
        },
      ),
    )
  })

  test('rounds ties away from zero, both ways alike', async () => {
    for (const [raw, value] of [
      [1, 1],
      [-1, -1],
      [3, 2],
      [-3, -2],
    ]) {
      const sensor = withCalibration(sensorOf({ values: [raw ?? 0, 0] }), { temperature: { gain: 0.5 } })
      expect((await sensor.sample()).values[0]).toBe(value)
    }
  })

  test('puts the formula before gain and offset, with x in the unit', async () => {
    const sensor = withCalibration(sensorOf({ values: [2_500, 0] }), {
      temperature: { formula: 'x * x / 10', gain: 2, offset: 1 },
    })
    expect((await sensor.sample()).values[0]).toBe(12_600)
    expect(calibrationOf(sensor, 0)).toEqual({ offset: 100, gainPpm: 2_000_000, formula: 'x * x / 10' })
  })

  test.each(['1 / (x - x)', 'log(-1)', 'x ^ 99', '0 / 0'])('%s is out of range', async formula => {
    const sensor = withCalibration(sensorOf({ values: [2_500, 1] }), { temperature: { formula } })
    expect(await sensor.sample()).toEqual({ values: [null, 1], faults: ['out_of_range', null] })
  })

  test('leaves what is missing, and why, as it is', async () => {
    const sensor = withCalibration(sensorOf({ values: [null, 1], faults: ['warming_up', null] }), {
      temperature: { gain: 2 },
    })
    expect(await sensor.sample()).toEqual({ values: [null, 1], faults: ['warming_up', null] })
  })

  test('applies to every channel of its quantity', async () => {
    const twins = sensorOf({ quantities: ['pm2.5', 'pm2.5'], values: [100, 200] })
    expect((await withCalibration(twins, { 'pm2.5': { offset: 0.1 } }).sample()).values).toEqual([101, 201])
  })

  test('applies to recordings too', async () => {
    const recorded = sensorOf({
      values: [0, 0],
      recorded: [
        [100, 1],
        [null, 2],
      ],
    })
    const sensor = withCalibration(recorded, { temperature: { offset: 1 } })
    const rows = await Array.fromAsync(sensor.recordings?.() ?? [])
    expect(rows.map(({ atMs, values }) => [atMs, ...values])).toEqual([
      [0, 200, 1],
      [1, null, 2],
    ])
  })

  test('that changes nothing leaves the sensor as it is', () => {
    const sensor = sensorOf({ values: [1, 2] })
    expect(withCalibration(sensor, {})).toBe(sensor)
    expect(withCalibration(sensor, { temperature: { gain: 1, offset: 0.001 } })).toBe(sensor)
    expect(withCalibration(sensor, { pressure: { gain: 2 } })).toBe(sensor)
    expect(withCalibration(sensor, { temperature: { gain: 2 } }).recordings).toBeUndefined()
  })

  test('of a name that every object has is none', () => {
    const sensor = sensorOf({ values: [1, 2] })
    expect(withCalibration(sensor, Object.create({ temperature: { gain: 2 } }))).toBe(sensor)
  })

  test('joins a formula that the driver has applied itself', () => {
    const own = {
      ...sensorOf({ values: [1, 2] }),
      calibrations: [{ offset: 0, gainPpm: 1_000_000, formula: 'x/2' }, null],
    }
    const sensor = withCalibration(own, { temperature: { offset: 1 } })
    expect(calibrationOf(own, 0)).toMatchObject({ formula: 'x/2' })
    expect(calibrationOf(sensor, 0)).toEqual({ offset: 100, gainPpm: 1_000_000, formula: 'x/2' })
  })

  test('keeps who the sensor is and how it is', async () => {
    const sensor = withCalibration(sensorOf({ values: [1, 2] }), { temperature: { gain: 2 } })
    expect(sensor).toMatchObject({ model: 'chip', serial: 'a1' })
    expect(sensor.health()).toEqual({ state: 'ok', advice: 'fine', counters: { a: 1 } })
  })

  test('is in whole numbers of each quantity', () => {
    for (const quantity of QUANTITIES.keys()) {
      expect(calibrationFor(channelOf(quantity), { offset: 3 })?.offset).toBe(toScaled(3, channelOf(quantity).exponent))
    }
  })
})

describe('whole numbers', () => {
  test('come back as the values they were made of', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
        fc.integer({ min: -6, max: 3 }),
        (whole, exponent) => {
          expect(toScaled(fromScaled(whole, exponent), exponent)).toBe(whole)
        },
      ),
    )
  })

  test.each([
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [LIMITS.readingValueMax + 1, 0],
    [LIMITS.readingValueMax, -1],
  ])('%d at 10^%i cannot travel', (value, exponent) => {
    expect(toScaled(value, exponent)).toBeNull()
  })

  test('never are a negative zero', () => {
    expect(Object.is(toScaled(-0.001, -2), 0)).toBe(true)
  })

  test('are rounded once from another power of ten', () => {
    expect(toScaled(1_005, -2, -3)).toBe(101)
    expect(toScaled(100.8535, 0, 3)).toBe(100_854)
  })
})
