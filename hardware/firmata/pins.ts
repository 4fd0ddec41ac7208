/** Analog pins and pulse counters of a board. */
import { assert, type Clock, HardwareError } from '../../protocol/index.ts'
import { calibrationFor } from '../calibration.ts'
import { parseFormula } from '../formula.ts'
import { channelOf, outcomeOf } from '../scaled.ts'
import type { FirmataAnalogInput, FirmataPulseInput } from '../sensor-config.ts'
import { type BoardInput, STALE_MS, unheardFault } from './input.ts'

const DEBOUNCE_MS = 10

/** A voltage: the mean of the converter's numbers since the last look, put into the owner's formula. */
export function analogInput(clock: Clock, config: FirmataAnalogInput): BoardInput {
  const channel = channelOf(config.quantity)
  const formula = parseFormula(config.formula)
  assert(formula.ok, 'formulas are checked when the configuration is read')
  const number = Number(config.analog.slice(1))
  let sum = 0
  let count = 0
  let newest = 0
  let heardAtMs: number | null = null
  let startedMs = clock.monotonicMs()
  return {
    label: config.analog,
    model: 'firmata-analog',
    channels: [channel],
    calibrations: [calibrationFor(channel, { formula: config.formula })],
    speaksAlways: true,
    advice: `nothing comes from ${config.analog}; boards with StandardFirmata report it by themselves.`,
    get heardAtMs() {
      return heardAtMs
    },
    start(board) {
      if (number >= board.io.analogPins.length)
        throw noSuchPin(config.analog, `it has A0 to A${board.io.analogPins.length - 1}`)
      sum = count = 0
      heardAtMs = null
      startedMs = clock.monotonicMs()
      // A board that was reset has its analog pins in this mode. The library's own pinMode would set the digital pin of the same number.
      board.analogRead(number, value => {
        sum += value
        count += 1
        newest = value
        heardAtMs = clock.monotonicMs()
      })
    },
    take() {
      if (heardAtMs === null) return [unheardFault(clock, startedMs)]
      if (clock.monotonicMs() - heardAtMs > STALE_MS) return ['stale']
      const x = count === 0 ? newest : sum / count
      sum = count = 0
      return [outcomeOf(formula.evaluate(x), channel)]
    },
  }
}

/** Contacts that close to ground, counted at the falling edge with the board's own pull-up resistor. */
export function pulseInput(clock: Clock, config: FirmataPulseInput): BoardInput {
  const channel = channelOf(config.quantity)
  const debounceMs = config.debounceMs ?? DEBOUNCE_MS
  let pulses = 0
  let level: number | null = null
  let countedAtMs = Number.NEGATIVE_INFINITY
  let sinceMs = clock.monotonicMs()
  let heardAtMs: number | null = null
  let startedMs = clock.monotonicMs()

  function onLevel(value: number): void {
    const nowMs = clock.monotonicMs()
    heardAtMs = nowMs
    const fell = level === 1 && value === 0
    level = value
    if (!fell || nowMs - countedAtMs < debounceMs) return
    countedAtMs = nowMs
    pulses += 1
  }

  return {
    label: `D${config.pulses}`,
    model: 'firmata-pulses',
    channels: [channel],
    calibrations: [null],
    speaksAlways: false,
    advice: `pin ${config.pulses} has not told its level; the contact goes between it and ground.`,
    get heardAtMs() {
      return heardAtMs
    },
    start(board) {
      const { MODES, pins } = board.io
      const modes = pins[config.pulses]?.supportedModes ?? []
      if (!modes.includes(MODES.PULLUP)) {
        throw noSuchPin(
          `pin ${config.pulses}`,
          'it does not exist or has no pull-up resistor (StandardFirmata 2.5 or later is needed)',
        )
      }
      level = null
      heardAtMs = null
      startedMs = clock.monotonicMs()
      // What fell into a bucket counts whenever it is told; a wheel's speed is that of the time it was watched.
      if (config.perHertz !== undefined) pulses = 0
      sinceMs = config.perHertz === undefined ? sinceMs : clock.monotonicMs()
      board.pinMode(config.pulses, MODES.PULLUP)
      board.digitalRead(config.pulses, onLevel)
    },
    take() {
      const nowMs = clock.monotonicMs()
      const elapsedMs = nowMs - sinceMs
      if (heardAtMs === null) return [unheardFault(clock, startedMs)]
      if (config.perHertz !== undefined && elapsedMs <= 0) return ['warming_up']
      const counted = pulses
      pulses = 0
      sinceMs = nowMs
      const value =
        config.perHertz === undefined
          ? counted * (config.perPulse ?? 1)
          : (counted / (elapsedMs / 1_000)) * config.perHertz
      return [outcomeOf(value, channel)]
    },
  }
}

function noSuchPin(pin: string, why: string): HardwareError {
  return new HardwareError({ code: 'unreadable', path: pin }, `The board has no ${pin} to read: ${why}.`)
}
