/** Sensors that the kernel shows, opened and read once. */
import { ConfigError, HardwareError, QUANTITIES, type SensorChannel } from '../../protocol/index.ts'
import type { DriverComponents } from '../drivers/components.ts'
import { openSensor } from '../drivers/index.ts'
import { hwmon, iio, type KernelDevice, type Subsystem } from '../kernel/device.ts'
import { list, under } from '../kernel/files.ts'
import { hasW1Bus, listThermometers } from '../kernel/w1.ts'
import { fromScaled } from '../scaled.ts'
import type { SensorConfig } from '../sensor-config.ts'
import { readSocTemperatureMilliC } from '../soc.ts'

/** A sensor that was found, and how the owner's list names it. */
export interface FoundSensor {
  readonly config: SensorConfig
  /** Such as `bme280`. */
  readonly model: string
  /** Where it is, such as `1-0076`, a 1-wire id or a port. */
  readonly at: string
  /** What it measures now, such as `temperature 21.37 Cel`; empty when it could not be read. */
  readonly readings: readonly string[]
  /** What is wrong with it, or has to be chosen, in a sentence; empty when nothing is. */
  readonly note: string
}

/** Parts of hardware monitoring that measure the air; the others are about the computer itself. */
const ENVIRONMENT =
  /^(aht|sht|sts3|hs3|hih|chipcap|lm75|tmp1|tmp75|jc42|ds16|ds17|adt7|mcp98|max66|stts|tcn75|g751|at30ts|ina2)/

/** Every kernel sensor and the computer's own chip. */
export async function scanKernel(components: DriverComponents): Promise<readonly FoundSensor[]> {
  const { root } = components
  const thermometers = listThermometers(root).map(id => ({ config: { driver: 'ds18b20', id } as const, at: id }))
  const air = hwmon.devices(root).filter(({ name }) => ENVIRONMENT.test(name))
  const chips = iio.devices(root).filter(({ channels }) => channels.length > 0)
  const soc = readSoc(root) ? [{ config: { driver: 'soc' } as const, at: 'this computer' }] : []
  const found: FoundSensor[] = []
  for (const { config, at } of [...thermometers, ...named(iio, chips), ...named(hwmon, air), ...soc]) {
    found.push(await lookAt(config, at, components))
  }
  return found
}

/** What the kernel could show and does not. */
export function missingBuses(root: string): { readonly i2c: boolean; readonly w1: boolean } {
  const hasI2c = list(under(root, 'sys/bus/i2c/devices')).some(name => /^i2c-\d+$/.test(name))
  return { i2c: !hasI2c, w1: !hasW1Bus(root) }
}

function readSoc(root: string): boolean {
  try {
    return readSocTemperatureMilliC({ root }) !== null
  } catch {
    return false
  }
}

/** Only the second of a kind needs its address. */
function named({ driver }: Subsystem, devices: readonly KernelDevice[]) {
  return devices.map(({ name, at }) => {
    const isOnly = devices.filter(other => other.name === name).length === 1
    return { config: { driver, device: name, ...(isOnly || at === '' ? {} : { at }) }, at }
  })
}

async function lookAt(config: SensorConfig, at: string, components: DriverComponents): Promise<FoundSensor> {
  const model = 'device' in config ? config.device : config.driver
  try {
    const sensor = await openSensor(config, components)
    const { values } = await sensor.sample()
    await sensor.close()
    const readings = sensor.channels.flatMap((channel, index) => shown(channel, values[index] ?? null))
    return { config, model, at, readings, note: sensor.health().advice }
  } catch (thrown) {
    if (!(thrown instanceof ConfigError || thrown instanceof HardwareError)) throw thrown
    return { config, model, at, readings: [], note: thrown.message }
  }
}

function shown({ quantity, exponent }: SensorChannel, value: number | null): string[] {
  const unit = QUANTITIES.get(quantity)?.unit ?? ''
  return value === null ? [] : [`${quantity} ${fromScaled(value, exponent).toFixed(Math.max(0, -exponent))} ${unit}`]
}
