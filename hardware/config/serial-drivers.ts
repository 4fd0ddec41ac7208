/** Entries of sensors on serial ports. */
import {
  type GpsConfig,
  type Mhz19Config,
  MODBUS_METERS,
  type ModbusConfig,
  type ModbusRegister,
  PLANTOWER_MODELS,
  type PlantowerConfig,
  REGISTER_TYPES,
  type Sds011Config,
  type SenseairS8Config,
  type Sps30Config,
} from '../sensor-config.ts'
import {
  allowOnly,
  type Fields,
  inside,
  maybe,
  readAnyObject,
  readBoolean,
  readList,
  readNumber,
  readOneOf,
  readPattern,
  readQuantity,
  refuse,
} from './fields.ts'

const BAUD_RATES = [1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200, 230_400] as const
const REGISTERS_MAX = 32

export function readPort(fields: Fields, path: string): string {
  // A port's name goes to the operating system only.
  return readPattern(
    fields.port,
    inside(path, 'port'),
    /^(\/[\x21-\x7e]{1,254}|COM\d{1,3})$/,
    "the path of a serial port such as '/dev/serial0' ('hedgerow hardware scan' lists them)",
  )
}

export const readBaudRate = (fields: Fields, path: string) =>
  maybe(fields, path, 'baudRate', (value, at) => readOneOf(value, at, BAUD_RATES))

const readSelfCalibration = (fields: Fields, path: string) => maybe(fields, path, 'selfCalibration', readBoolean)

export function readSds011(fields: Fields, path: string): Sds011Config {
  return {
    driver: 'sds011',
    port: readPort(fields, path),
    ...maybe(fields, path, 'workPeriodMin', (value, at) => readNumber(value, at, 0, 30, 1)),
  }
}

export function readPlantower(fields: Fields, path: string): PlantowerConfig {
  return {
    driver: 'plantower',
    port: readPort(fields, path),
    ...maybe(fields, path, 'model', (value, at) => readOneOf(value, at, PLANTOWER_MODELS)),
  }
}

export function readMhz19(fields: Fields, path: string): Mhz19Config {
  return { driver: 'mhz19', port: readPort(fields, path), ...readSelfCalibration(fields, path) }
}

export function readSenseairS8(fields: Fields, path: string): SenseairS8Config {
  return { driver: 'senseair-s8', port: readPort(fields, path), ...readSelfCalibration(fields, path) }
}

export function readSps30(fields: Fields, path: string): Sps30Config {
  return { driver: 'sps30', port: readPort(fields, path) }
}

export function readGps(fields: Fields, path: string): GpsConfig {
  return { driver: 'gps', port: readPort(fields, path), ...readBaudRate(fields, path) }
}

export function readModbus(fields: Fields, path: string): ModbusConfig {
  if ((fields.meter === undefined) === (fields.registers === undefined)) {
    refuse(path, "must have either 'meter', for a meter that is known, or 'registers', for any other device")
  }
  return {
    driver: 'modbus',
    port: readPort(fields, path),
    ...readBaudRate(fields, path),
    ...maybe(fields, path, 'unit', (value, at) => readNumber(value, at, 1, 247, 1)),
    ...maybe(fields, path, 'parity', (value, at) => readOneOf(value, at, ['none', 'even', 'odd'])),
    ...maybe(fields, path, 'meter', (value, at) => readOneOf(value, at, MODBUS_METERS)),
    ...maybe(fields, path, 'registers', readRegisters),
  }
}

function readRegisters(value: unknown, path: string): readonly ModbusRegister[] {
  return readList(value, path, 1, REGISTERS_MAX).map((entry, index) => readRegister(entry, `${path}[${index}]`))
}

function readRegister(value: unknown, path: string): ModbusRegister {
  const fields = readAnyObject(value, path, "an object with 'quantity' and 'address'")
  allowOnly(fields, path, ['quantity', 'address', 'type', 'table', 'scale'])
  const SCALE_MAX = 1_000_000
  return {
    quantity: readQuantity(fields.quantity, inside(path, 'quantity')),
    address: readNumber(fields.address, inside(path, 'address'), 0, 65_535, 1),
    type: readOneOf(fields.type ?? 'u16', inside(path, 'type'), REGISTER_TYPES),
    table: readOneOf(fields.table ?? 'input', inside(path, 'table'), ['input', 'holding']),
    scale: readNumber(fields.scale ?? 1, inside(path, 'scale'), -SCALE_MAX, SCALE_MAX),
  }
}
