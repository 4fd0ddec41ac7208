/** The entry of a Firmata board: what is connected to which pin. */
import {
  FIRMATA_PARTS,
  type FirmataAnalogInput,
  type FirmataConfig,
  type FirmataInput,
  type FirmataPartInput,
  type FirmataPulseInput,
} from '../sensor-config.ts'
import { readFormula } from './common.ts'
import {
  allowOnly,
  type Fields,
  inside,
  maybe,
  readAnyObject,
  readList,
  readNumber,
  readOneOf,
  readPattern,
  readQuantity,
  refuse,
} from './fields.ts'
import { readBaudRate, readPort } from './serial-drivers.ts'

const INPUTS_MAX = 32
/** Firmata numbers pins with seven bits. */
const PIN_MAX = 127
/** I2C addresses that parts may have; the others are reserved. */
const ADDRESS_MIN = 0x08
const ADDRESS_MAX = 0x77
const DEBOUNCE_MS_MAX = 1_000
const PER_PULSE_MAX = 1_000_000

export function readFirmata(fields: Fields, path: string): FirmataConfig {
  const at = inside(path, 'inputs')
  const inputs = readList(fields.inputs, at, 1, INPUTS_MAX).map((input, index) => readInput(input, `${at}[${index}]`))
  checkPins(inputs, at)
  return { driver: 'firmata', port: readPort(fields, path), ...readBaudRate(fields, path), inputs }
}

function readInput(value: unknown, path: string): FirmataInput {
  const fields = readAnyObject(value, path, "an object with 'part', 'analog' or 'pulses'")
  const kinds = ['part', 'analog', 'pulses'].filter(kind => fields[kind] !== undefined)
  if (kinds.length !== 1) {
    refuse(
      path,
      "must have exactly one of 'part' (an I2C sensor), 'analog' (a voltage) and 'pulses' (contacts to count)",
    )
  }
  if (fields.part !== undefined) return readPart(fields, path)
  return fields.analog !== undefined ? readAnalog(fields, path) : readPulses(fields, path)
}

function readPart(fields: Fields, path: string): FirmataPartInput {
  allowOnly(fields, path, ['part', 'address'])
  return {
    part: readOneOf(fields.part, inside(path, 'part'), FIRMATA_PARTS),
    ...maybe(fields, path, 'address', (value, at) => readNumber(value, at, ADDRESS_MIN, ADDRESS_MAX, 1)),
  }
}

function readAnalog(fields: Fields, path: string): FirmataAnalogInput {
  allowOnly(fields, path, ['analog', 'quantity', 'formula'])
  return {
    analog: readPattern(fields.analog, inside(path, 'analog'), /^A\d{1,2}$/, "an analog pin such as 'A0'"),
    quantity: readQuantity(fields.quantity, inside(path, 'quantity')),
    formula: readFormula(fields.formula, inside(path, 'formula')),
  }
}

function readPulses(fields: Fields, path: string): FirmataPulseInput {
  allowOnly(fields, path, ['pulses', 'quantity', 'perPulse', 'perHertz', 'debounceMs'])
  if ((fields.perPulse === undefined) === (fields.perHertz === undefined)) {
    refuse(path, "must have either 'perPulse', what one pulse adds, or 'perHertz', what one pulse a second means")
  }
  const readFactor = (value: unknown, at: string) => readNumber(value, at, 1 / PER_PULSE_MAX, PER_PULSE_MAX)
  return {
    pulses: readNumber(fields.pulses, inside(path, 'pulses'), 0, PIN_MAX, 1),
    quantity: readQuantity(fields.quantity, inside(path, 'quantity')),
    ...maybe(fields, path, 'perPulse', readFactor),
    ...maybe(fields, path, 'perHertz', readFactor),
    ...maybe(fields, path, 'debounceMs', (value, at) => readNumber(value, at, 0, DEBOUNCE_MS_MAX, 1)),
  }
}

/** A pin has one use. */
function checkPins(inputs: readonly FirmataInput[], path: string): void {
  const uses = inputs.map(input =>
    'part' in input ? `${input.part} ${input.address}` : 'analog' in input ? input.analog : `pin ${input.pulses}`,
  )
  const second = uses.findIndex((use, index) => uses.indexOf(use) < index)
  if (second >= 0) refuse(`${path}[${second}]`, `reads the same as '${path}[${uses.indexOf(uses[second] ?? '')}]'`)
}
