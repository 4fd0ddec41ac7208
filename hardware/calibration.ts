/** What an owner's calibration does to the values of a sensor, in whole numbers, so that anyone can do the same. */
import { assert, type Calibration, LIMITS, type SensorChannel, type SensorFault } from '../protocol/index.ts'
import { parseFormula } from './formula.ts'
import { fromScaled, roundedAway, toScaled } from './scaled.ts'
import type { Measurement, Sensor } from './sensor.ts'
import type { ChannelCalibration } from './sensor-config.ts'

/** A sensor some of whose channels are not as the hardware gave them. */
export interface CalibratedSensor extends Sensor {
  /** In the order of `channels`; null where values are as the sensor gave them. */
  readonly calibrations: readonly (Calibration | null)[]
}

const UNCHANGED: Calibration = { offset: 0, gainPpm: 1_000_000, formula: '' }

/** What was done to a channel's values, for the profile that they travel with; null when nothing was. */
export function calibrationOf(sensor: Sensor, channel: number): Calibration | null {
  return 'calibrations' in sensor ? ((sensor as CalibratedSensor).calibrations[channel] ?? null) : null
}

/**
 * The calibration of a channel as it travels: offset rounded to the channel's resolution, gain to millionths.
 * @returns null when it changes nothing
 */
export function calibrationFor(channel: SensorChannel, wanted: ChannelCalibration): Calibration | null {
  const offset = toScaled(wanted.offset ?? 0, channel.exponent)
  assert(offset !== null, 'the offset was range-checked')
  const gainPpm = Math.round((wanted.gain ?? 1) * 1e6)
  const formula = wanted.formula ?? ''
  return offset === 0 && gainPpm === UNCHANGED.gainPpm && formula === '' ? null : { offset, gainPpm, formula }
}

/**
 * The same sensor with calibrated values: the formula makes a value of the raw number in the channel's unit, then
 * value × gainPpm / 10^6 + offset in whole numbers of the channel's resolution, ties away from zero. A result that is no
 * number, or too large, is missing with the fault `out_of_range`.
 * @param wanted - by quantity; every channel of that quantity. Formulas have been checked
 */
export function withCalibration(sensor: Sensor, wanted: Readonly<Record<string, ChannelCalibration>>): Sensor {
  const added = sensor.channels.map(channel => {
    const own = Object.hasOwn(wanted, channel.quantity) ? wanted[channel.quantity] : undefined
    return own === undefined ? null : calibrationFor(channel, own)
  })
  if (added.every(calibration => calibration === null)) return sensor
  const apply = added.map((calibration, index) => applier(calibration, sensor.channels[index]))
  const calibrate = <M extends Measurement>(measurement: M): M => ({
    ...measurement,
    ...calibrated(measurement, apply),
  })
  const result: CalibratedSensor = {
    model: sensor.model,
    serial: sensor.serial,
    channels: sensor.channels,
    calibrations: added.map((calibration, index) => joined(calibrationOf(sensor, index), calibration)),
    sample: async () => calibrate(await sensor.sample()),
    health: () => sensor.health(),
    close: () => sensor.close(),
  }
  if (sensor.recordings === undefined) return result
  const recordings = () => sensor.recordings?.() ?? []
  return {
    ...result,
    async *recordings() {
      for await (const recorded of recordings()) yield calibrate(recorded)
    },
  } satisfies CalibratedSensor
}

/** A driver's own formula comes first, and has neither gain nor offset. */
function joined(own: Calibration | null, added: Calibration | null): Calibration | null {
  if (own === null || added === null) return own ?? added
  assert(added.formula === '' && own.gainPpm === UNCHANGED.gainPpm && own.offset === 0, 'a channel has one formula')
  return { ...added, formula: own.formula }
}

type Apply = (scaled: number) => number | null

function applier(calibration: Calibration | null, channel: SensorChannel | undefined): Apply {
  if (calibration === null || channel === undefined) return scaled => scaled
  const { offset, gainPpm, formula } = calibration
  const raw = formula === '' ? (scaled: number) => scaled : formulaApplier(formula, channel.exponent)
  return scaled => {
    const value = raw(scaled)
    if (value === null) return null
    const result = roundedAway((value * gainPpm) / 1e6) + offset
    return Math.abs(result) <= LIMITS.readingValueMax ? result : null
  }
}

function formulaApplier(text: string, exponent: number): Apply {
  const formula = parseFormula(text)
  assert(formula.ok, 'formulas are checked when the configuration is read')
  return scaled => toScaled(formula.evaluate(fromScaled(scaled, exponent)), exponent)
}

function calibrated({ values, faults }: Measurement, apply: readonly Apply[]): Measurement {
  const after = values.map((value, index) => (value === null ? null : (apply[index]?.(value) ?? null)))
  const lost: SensorFault = 'out_of_range'
  return {
    values: after,
    faults: faults.map((fault, index) => fault ?? (after[index] === null ? lost : null)),
  }
}
