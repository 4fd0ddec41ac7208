/** The fields that every entry of the sensors file may have. */
import { LIMITS } from '../../protocol/index.ts'
import { parseFormula } from '../formula.ts'
import type { ChannelCalibration } from '../sensor-config.ts'
import {
  allowOnly,
  type Fields,
  inside,
  maybe,
  readAnyObject,
  readNumber,
  readQuantity,
  readText,
  refuse,
} from './fields.ts'

const NAME_BYTES_MAX = 32
/** Wider than any sensor's error, narrow enough to catch a value that was written into the wrong field. */
const OFFSET_MAX = 1_000_000
const GAIN_MIN = 0.001
const GAIN_MAX = 1_000

export const COMMON_FIELDS = ['driver', 'name', 'calibration'] as const

export function readCommon(fields: Fields, path: string) {
  return {
    ...maybe(fields, path, 'name', (value, at) => readText(value, at, NAME_BYTES_MAX)),
    ...maybe(fields, path, 'calibration', readCalibrations),
  }
}

/** A formula that can be evaluated. */
export function readFormula(value: unknown, path: string): string {
  const text = readText(value, path, LIMITS.formulaBytesMax)
  const formula = parseFormula(text)
  if (!formula.ok) refuse(path, formula.reason)
  return text
}

function readCalibrations(value: unknown, path: string): Readonly<Record<string, ChannelCalibration>> {
  const fields = readAnyObject(value, path, "an object of quantities such as 'temperature'")
  const entries = Object.entries(fields).map(([quantity, wanted]) => {
    const at = inside(path, quantity.slice(0, 64))
    readQuantity(quantity, at)
    return [quantity, readCalibration(wanted, at)] as const
  })
  return Object.fromEntries(entries)
}

function readCalibration(value: unknown, path: string): ChannelCalibration {
  const fields = readAnyObject(value, path, "an object with 'offset', 'gain' or 'formula'")
  allowOnly(fields, path, ['offset', 'gain', 'formula'])
  return {
    ...maybe(fields, path, 'offset', (field, at) => readNumber(field, at, -OFFSET_MAX, OFFSET_MAX)),
    ...maybe(fields, path, 'gain', (field, at) => readNumber(field, at, GAIN_MIN, GAIN_MAX)),
    ...maybe(fields, path, 'formula', readFormula),
  }
}
