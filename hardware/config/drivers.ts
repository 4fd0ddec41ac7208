/** Every driver's fields and how they are read. */
import type { DriverName, SensorConfig } from '../sensor-config.ts'
import type { Fields } from './fields.ts'
import { readFirmata } from './firmata.ts'
import { readDs18b20, readHwmon, readIio, readReplay, readSoc, readSynthetic } from './kernel-drivers.ts'
import {
  readGps,
  readMhz19,
  readModbus,
  readPlantower,
  readSds011,
  readSenseairS8,
  readSps30,
} from './serial-drivers.ts'

interface DriverFields {
  /** Besides those that every entry may have. */
  readonly fields: readonly string[]
  read(fields: Fields, path: string, folder: string): SensorConfig
}

export const DRIVER_FIELDS: { readonly [Name in DriverName]: DriverFields } = {
  sds011: { fields: ['port', 'workPeriodMin'], read: readSds011 },
  plantower: { fields: ['port', 'model'], read: readPlantower },
  mhz19: { fields: ['port', 'selfCalibration'], read: readMhz19 },
  'senseair-s8': { fields: ['port', 'selfCalibration'], read: readSenseairS8 },
  sps30: { fields: ['port'], read: readSps30 },
  gps: { fields: ['port', 'baudRate'], read: readGps },
  modbus: { fields: ['port', 'baudRate', 'unit', 'parity', 'meter', 'registers'], read: readModbus },
  ds18b20: { fields: ['id'], read: readDs18b20 },
  iio: { fields: ['device', 'at', 'inputs'], read: readIio },
  hwmon: { fields: ['device', 'at', 'inputs'], read: readHwmon },
  soc: { fields: [], read: readSoc },
  firmata: { fields: ['port', 'baudRate', 'inputs'], read: readFirmata },
  replay: {
    fields: ['file', 'columns', 'where', 'periodMs', 'startMs', 'endsNow', 'speed', 'serial'],
    read: readReplay,
  },
  synthetic: { fields: ['quantities', 'seed', 'noise'], read: readSynthetic },
}

/** Every name that `driver` may have. */
export const DRIVER_NAMES = Object.keys(DRIVER_FIELDS) as readonly DriverName[]
