/** The owner's sensors file: where the device stands and what is connected to it. */
import { LIMITS, type Location } from '../protocol/index.ts'
import { COMMON_FIELDS, readCommon } from './config/common.ts'
import { DRIVER_FIELDS, DRIVER_NAMES } from './config/drivers.ts'
import {
  allowOnly,
  inside,
  readAnyObject,
  readBoolean,
  readList,
  readNumber,
  readOneOf,
  refuse,
} from './config/fields.ts'
import { placeOf } from './drivers/place.ts'
import type { SensorConfig } from './sensor-config.ts'

/** A sensors file, checked. */
export interface SensorsFile {
  /** Null when the owner does not say; such a device is in no campaign that asks for a place. */
  readonly location: Location | null
  /** 0..{@link LIMITS}.sensorsMax */
  readonly sensors: readonly SensorConfig[]
}

/**
 * Checks what a sensors file holds.
 * @param value - as a YAML or JSON reader gives it; null for an empty file
 * @param folder - where relative paths in it start, default the current folder
 * @throws {ConfigError} `bad_option` with the path of the field
 */
export function parseSensorsFile(value: unknown, folder = ''): SensorsFile {
  const fields = readAnyObject(value ?? {}, '', "an object with 'location' and 'sensors'")
  allowOnly(fields, '', ['location', 'sensors'])
  const list = readList(fields.sensors ?? [], 'sensors', 0, LIMITS.sensorsMax)
  const sensors = list.map((entry, index) => readSensor(entry, `sensors[${index}]`, folder))
  checkApart(sensors)
  return { location: fields.location === undefined ? null : readLocation(fields.location, 'location'), sensors }
}

function readLocation(value: unknown, path: string): Location {
  const fields = readAnyObject(value, path, "an object with 'latitude', 'longitude' and 'elevation'")
  allowOnly(fields, path, ['latitude', 'longitude', 'elevation', 'indoor'])
  const degrees = (field: 'latitude' | 'longitude', max: number) =>
    Math.round(readNumber(fields[field], inside(path, field), -max, max) * 1e6) + 0
  return {
    latitudeMicroDeg: degrees('latitude', 90),
    longitudeMicroDeg: degrees('longitude', 180),
    elevationM: Math.round(readNumber(fields.elevation, inside(path, 'elevation'), -500, 9_000)) + 0,
    indoor: readBoolean(fields.indoor ?? false, inside(path, 'indoor')),
  }
}

function readSensor(value: unknown, path: string, folder: string): SensorConfig {
  const fields = readAnyObject(value, path, "an object with 'driver'")
  const driver = readOneOf(fields.driver, inside(path, 'driver'), DRIVER_NAMES)
  const { fields: own, read } = DRIVER_FIELDS[driver]
  allowOnly(fields, path, [...COMMON_FIELDS, ...own])
  const config: SensorConfig = { ...read(fields, path, folder), ...readCommon(fields, path) }
  checkFormulas(config, path)
  return config
}

/** An input with a formula is made a quantity by it; a second formula would be about something else. */
function checkFormulas(config: SensorConfig, path: string): void {
  const inputs = 'inputs' in config ? (config.inputs ?? []) : []
  for (const input of inputs) {
    if (!('quantity' in input) || !('formula' in input)) continue
    if (config.calibration?.[input.quantity]?.formula === undefined) continue
    refuse(
      inside(path, `calibration.${input.quantity}.formula`),
      "must be left out: the input's own 'formula' makes this quantity",
    )
  }
}

/** Two entries may neither open one port, unless they are on one Modbus, nor be one sensor to the region. */
function checkApart(sensors: readonly SensorConfig[]): void {
  const ports = new Map<string, number>()
  const identities = new Map<string, number>()
  for (const [index, config] of sensors.entries()) {
    const path = `sensors[${index}]`
    if ('port' in config) {
      const first = ports.get(config.port) ?? index
      const isShared = config.driver === 'modbus' && sensors[first]?.driver === 'modbus'
      if (first !== index && !isShared) {
        refuse(inside(path, 'port'), `is also that of 'sensors[${first}].port', and a port takes one entry`)
      }
      ports.set(config.port, first)
    }
    const identity = identityOf(config)
    const twin = identities.get(identity)
    if (twin !== undefined) refuse(path, `cannot be told from 'sensors[${twin}]': give each a 'name' of its own`)
    identities.set(identity, index)
  }
}

function identityOf(config: SensorConfig): string {
  if (config.driver === 'ds18b20') return `1-wire ${config.id ?? ''}`
  return config.driver === 'replay' && config.serial !== undefined ? `serial ${config.serial}` : placeOf(config)
}
