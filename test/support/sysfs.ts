/** Recorded trees of the kernel's files about sensors, written into a folder. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Files by their path; a link by where it points, from its own folder. */
export type Tree = Readonly<Record<string, string | { readonly link: string }>>

/** Writes a tree; kernel files end with a newline, which is added. */
export function writeTree(root: string, tree: Tree): void {
  for (const [path, content] of Object.entries(tree)) {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    if (typeof content === 'string') writeFileSync(file, content === '' ? '' : `${content}\n`)
    else symlinkSync(content.link, file)
  }
}

/** Files of one folder. */
export function inFolder(folder: string, files: Tree): Tree {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]))
}

/** An industrial I/O device on I2C, with the link that the bus has to it. */
export function iioTree(number: number, at: string, files: Tree): Tree {
  const bus = at.split('-')[0] ?? '1'
  const folder = `sys/devices/platform/soc/fe804000.i2c/i2c-${bus}/${at}/iio:device${number}`
  return {
    ...inFolder(folder, files),
    [`sys/bus/iio/devices/iio:device${number}`]: { link: `../../../../${folder}` },
  }
}

/** A hardware monitoring device on I2C, with the link of its class. */
export function hwmonTree(number: number, at: string, files: Tree): Tree {
  const bus = at.split('-')[0] ?? '1'
  const folder = `sys/devices/platform/soc/fe804000.i2c/i2c-${bus}/${at}/hwmon/hwmon${number}`
  return { ...inFolder(folder, files), [`sys/class/hwmon/hwmon${number}`]: { link: `../../../${folder}` } }
}

/** A thermometer on the 1-wire bus, as kernels since 5.8 show it. */
export function w1Tree(id: string, files: Tree): Tree {
  const folder = `sys/devices/w1_bus_master1/${id}`
  return {
    'sys/devices/w1_bus_master1/therm_bulk_read': '0',
    ...inFolder(folder, files),
    [`sys/bus/w1/devices/${id}`]: { link: `../../../devices/w1_bus_master1/${id}` },
    'sys/bus/w1/devices/w1_bus_master1': { link: '../../../devices/w1_bus_master1' },
  }
}

/** A BME280 as the bmp280 driver of Linux 6.6 shows it. */
export const BME280_FILES: Tree = {
  name: 'bme280',
  in_temp_input: '23450',
  in_temp_oversampling_ratio: '2',
  in_humidityrelative_input: '45123',
  in_humidityrelative_oversampling_ratio: '16',
  in_pressure_input: '100.853796875',
  in_pressure_oversampling_ratio: '16',
  uevent: 'OF_NAME=bme280',
}

/** Both lines of `w1_slave`: the nine bytes of the scratchpad, twice. */
export function w1Slave(bytes: string, verdict: 'YES' | 'NO', milliC: number): string {
  return `${bytes} : crc=${bytes.slice(-2)} ${verdict}\n${bytes} t=${milliC}`
}
