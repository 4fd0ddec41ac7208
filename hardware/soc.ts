/** What a Raspberry Pi's kernel says of its chip: temperature, and whether power or heat hold it back. Reads sysfs, loads nothing. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HardwareError } from '../protocol/index.ts'

/** Why the firmware holds the chip back now. Null where the kernel does not tell. */
export interface Throttled {
  readonly underVoltage: boolean
  readonly frequencyCapped: boolean | null
  readonly throttled: boolean | null
  readonly softTemperatureLimit: boolean | null
}

/** Where to read; another root stands for a recorded tree in tests. */
export interface SocInit {
  /** Default `/`. */
  readonly root?: string
}

const ZONES = 'sys/class/thermal'
const HWMON = 'sys/class/hwmon'
/** Deprecated by the kernel, which logs a warning at its first use: read only where the voltage monitor is missing. */
const FIRMWARE = 'sys/devices/platform/soc/soc:firmware/get_throttled'
/** Thermal zones that measure the main chip, by their kernel names: Raspberry Pi, then other boards and PCs. */
const SOC_ZONES = /^(cpu|soc|x86_pkg)[-_]?(thermal|temp)/

/** Bits of the firmware's answer that speak of this moment. */
const UNDER_VOLTAGE = 1 << 0
const FREQUENCY_CAPPED = 1 << 1
const THROTTLED = 1 << 2
const SOFT_TEMPERATURE_LIMIT = 1 << 3

/**
 * Temperature of the main chip in thousandths of a degree Celsius; null when no zone of it exists.
 * @throws {HardwareError} `bad_value` when the kernel's file holds no number
 */
export function readSocTemperatureMilliC(init: SocInit = {}): number | null {
  const folder = join(init.root ?? '/', ZONES)
  const zones = list(folder).filter(name => name.startsWith('thermal_zone'))
  const ofChip = zones.find(zone => SOC_ZONES.test(read(join(folder, zone, 'type')) ?? ''))
  if (ofChip === undefined) return null
  const path = join(folder, ofChip, 'temp')
  const text = read(path)
  return text === null ? null : integer(path, text, 10)
}

/**
 * Whether the chip is held back now: by the voltage monitor's alarm (`rpi_volt`), else by the firmware's bits; null on other boards.
 * @throws {HardwareError} `bad_value` when the kernel's file holds no number
 */
export function readThrottled(init: SocInit = {}): Throttled | null {
  const root = init.root ?? '/'
  return byVoltageMonitor(root) ?? byFirmware(root)
}

function byVoltageMonitor(root: string): Throttled | null {
  const folder = join(root, HWMON)
  const monitor = list(folder).find(name => read(join(folder, name, 'name')) === 'rpi_volt')
  if (monitor === undefined) return null
  const path = join(folder, monitor, 'in0_lcrit_alarm')
  const alarm = read(path)
  if (alarm === null) return null
  const underVoltage = integer(path, alarm, 10) !== 0
  return { underVoltage, frequencyCapped: null, throttled: null, softTemperatureLimit: null }
}

function byFirmware(root: string): Throttled | null {
  const path = join(root, FIRMWARE)
  const text = read(path)
  if (text === null) return null
  const bits = integer(path, text.replace(/^0x/i, ''), 16)
  return {
    underVoltage: (bits & UNDER_VOLTAGE) !== 0,
    frequencyCapped: (bits & FREQUENCY_CAPPED) !== 0,
    throttled: (bits & THROTTLED) !== 0,
    softTemperatureLimit: (bits & SOFT_TEMPERATURE_LIMIT) !== 0,
  }
}

function integer(path: string, text: string, radix: 10 | 16): number {
  if (radix === 10 ? /^-?\d+$/.test(text) : /^[0-9a-f]+$/i.test(text)) return Number.parseInt(text, radix)
  const value = text.slice(0, 32)
  throw new HardwareError({ code: 'bad_value', path, value }, `${path} holds '${value}', which is not a number.`)
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** A kernel file without its newline; null when it is not there or the driver cannot answer at the moment. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}
