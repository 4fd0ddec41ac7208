/** Entries of sensors that the kernel reads, and of those that need no hardware. */
import { resolve } from 'node:path'
import { LIMITS } from '../../protocol/index.ts'
import { SYNTHETIC_QUANTITIES } from '../drivers/synthetic-curves.ts'
import type {
  Ds18b20Config,
  HwmonConfig,
  IioConfig,
  KernelInput,
  ReplayConfig,
  SocConfig,
  SyntheticConfig,
} from '../sensor-config.ts'
import { readFormula } from './common.ts'
import {
  allowOnly,
  type Fields,
  inside,
  maybe,
  readAnyObject,
  readBoolean,
  readList,
  readNumber,
  readPattern,
  readQuantity,
  readText,
  refuse,
} from './fields.ts'

const FILE_BYTES_MAX = 4_096
const COLUMN_BYTES_MAX = 128
/** A seed is a word that a person chooses. */
const SEED_BYTES_MAX = 64
/** The end of the year 9999, where dates stop being written alike everywhere. */
const TIME_MS_MAX = 253_402_300_799_999

/** Names that the kernel gives devices; never a way out of a folder. */
const KERNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:@,-]{0,31}$/

export function readDs18b20(fields: Fields, path: string): Ds18b20Config {
  return {
    driver: 'ds18b20',
    ...maybe(fields, path, 'id', (value, at) =>
      readPattern(
        value,
        at,
        /^(10|22|28|3b|42)-[0-9a-f]{12}$/,
        "a 1-wire id as the kernel writes it, such as '28-0316a2798aff'",
      ),
    ),
  }
}

export function readIio(fields: Fields, path: string): IioConfig {
  return { driver: 'iio', ...readKernelDevice(fields, path, 'bme280') }
}

export function readHwmon(fields: Fields, path: string): HwmonConfig {
  return { driver: 'hwmon', ...readKernelDevice(fields, path, 'sht3x') }
}

function readKernelDevice(fields: Fields, path: string, example: string) {
  const wanted = (such: string) => `as the kernel writes it, such as '${such}' ('hedgerow hardware scan' lists them)`
  return {
    device: readPattern(fields.device, inside(path, 'device'), KERNEL_NAME, `the sensor's name ${wanted(example)}`),
    ...maybe(fields, path, 'at', (value, at) =>
      readPattern(value, at, KERNEL_NAME, `the sensor's address ${wanted('1-0076')}`),
    ),
    ...maybe(fields, path, 'inputs', readKernelInputs),
  }
}

function readKernelInputs(value: unknown, path: string): readonly KernelInput[] {
  return readList(value, path, 1, LIMITS.sensorChannelsMax).map((entry, index) => {
    const at = `${path}[${index}]`
    const fields = readAnyObject(entry, at, "an object with 'channel' and 'quantity'")
    allowOnly(fields, at, ['channel', 'quantity', 'formula'])
    return {
      channel: readPattern(
        fields.channel,
        inside(at, 'channel'),
        /^[a-z][a-z0-9_]{0,31}$/,
        "a channel as the kernel writes it, such as 'voltage0'",
      ),
      quantity: readQuantity(fields.quantity, inside(at, 'quantity')),
      ...maybe(fields, at, 'formula', readFormula),
    }
  })
}

export function readSoc(): SocConfig {
  return { driver: 'soc' }
}

export function readReplay(fields: Fields, path: string, folder: string): ReplayConfig {
  if (fields.startMs !== undefined && fields.endsNow === true) {
    refuse(
      path,
      "must have either 'startMs' or 'endsNow: true': one says when the first line was, the other that the last one is now",
    )
  }
  return {
    driver: 'replay',
    file: resolve(folder, readText(fields.file, inside(path, 'file'), FILE_BYTES_MAX)),
    columns: readColumns(fields.columns, inside(path, 'columns')),
    periodMs: readNumber(fields.periodMs, inside(path, 'periodMs'), 1, LIMITS.periodMsMax, 1),
    ...maybe(fields, path, 'where', readWhere),
    ...maybe(fields, path, 'startMs', (value, at) => readNumber(value, at, 0, TIME_MS_MAX, 1)),
    ...maybe(fields, path, 'endsNow', readBoolean),
    ...maybe(fields, path, 'speed', (value, at) => readNumber(value, at, 0.001, 1_000_000)),
    ...maybe(fields, path, 'serial', (value, at) => readText(value, at, LIMITS.sensorTextBytesMax)),
  }
}

function readColumns(value: unknown, path: string): Readonly<Record<string, string>> {
  const fields = readAnyObject(value, path, "an object such as {temperature: 'name of a column'}")
  const columns = Object.entries(fields)
  if (columns.length < 1 || columns.length > LIMITS.sensorChannelsMax) {
    refuse(path, `must name 1 to ${LIMITS.sensorChannelsMax} columns, not ${columns.length}`)
  }
  const checked = columns.map(([quantity, column]) => {
    const at = inside(path, quantity.slice(0, 64))
    return [readQuantity(quantity, at), readText(column, at, COLUMN_BYTES_MAX)] as const
  })
  return Object.fromEntries(checked)
}

function readWhere(value: unknown, path: string): Readonly<Record<string, string>> {
  const fields = readAnyObject(value, path, 'an object such as {mote_id: 1}')
  const checked = Object.entries(fields).map(([column, wanted]) => {
    const text = typeof wanted === 'number' || typeof wanted === 'boolean' ? String(wanted) : wanted
    return [column, readText(text, inside(path, column.slice(0, 64)), COLUMN_BYTES_MAX)] as const
  })
  return Object.fromEntries(checked)
}

export function readSynthetic(fields: Fields, path: string): SyntheticConfig {
  const at = inside(path, 'quantities')
  const list = readList(fields.quantities, at, 1, SYNTHETIC_QUANTITIES.length)
  const quantities = list.map((value, index) => readQuantity(value, `${at}[${index}]`, SYNTHETIC_QUANTITIES))
  if (new Set(quantities).size < quantities.length) refuse(at, 'must name each quantity once')
  const seed = typeof fields.seed === 'number' ? String(fields.seed) : fields.seed
  return {
    driver: 'synthetic',
    quantities,
    seed: readText(seed, inside(path, 'seed'), SEED_BYTES_MAX),
    ...maybe(fields, path, 'noise', (value, place) => readNumber(value, place, 0, 100)),
  }
}
