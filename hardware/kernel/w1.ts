/** The kernel's 1-wire bus and its thermometers. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../protocol/index.ts'
import { KernelFault, list, numberOf, readText, under } from './files.ts'

/** Families of 1-wire thermometers: DS18S20, DS1822, DS18B20, DS1825/MAX31820, DS28EA00. */
const THERMOMETER = /^(10|22|28|3b|42)-[0-9a-f]{12}$/
const DEVICES = 'sys/bus/w1/devices'

/** The slowest conversion takes 750 ms (DS18B20 datasheet, 12 bits); clones take longer. */
const CONVERSION_MS_MAX = 2_000
const POLL_MS = 100
/** Looks at a file that is empty because the sensor converts. */
const EMPTY_READS_MAX = 10

/** ROM ids of the thermometers on the bus at this moment, as the kernel writes them. */
export function listThermometers(root: string): readonly string[] {
  return list(under(root, DEVICES)).filter(name => THERMOMETER.test(name))
}

/** Whether the kernel has a 1-wire bus at all. */
export function hasW1Bus(root: string): boolean {
  return list(under(root, DEVICES)).some(name => name.startsWith('w1_bus_master'))
}

/**
 * Thousandths of a degree from a thermometer: `temperature` where the kernel has it (5.8 and later), else the older `w1_slave`.
 * @throws {KernelFault}
 * @see Linux Documentation/w1/slaves/w1_therm.rst
 */
export async function readThermometer(root: string, id: string, clock: Clock): Promise<number> {
  const folder = under(root, DEVICES, id)
  const files = list(folder)
  if (!files.includes('temperature')) return readScratchpad(join(folder, 'w1_slave'))
  const path = join(folder, 'temperature')
  for (let reads = 0; reads < EMPTY_READS_MAX; reads++) {
    const text = await readText(path)
    if (text !== '') return numberOf(text, path)
    await pause(clock, POLL_MS)
  }
  return readScratchpad(join(folder, 'w1_slave'))
}

/**
 * Lets all thermometers of all buses convert at once, and waits for it. Does nothing where the kernel does not offer it or does not let
 * us: then each thermometer converts when it is read.
 */
export async function convertTogether(root: string, clock: Clock): Promise<void> {
  const masters = list(under(root, DEVICES)).filter(name => name.startsWith('w1_bus_master'))
  await Promise.all(masters.map(master => convertOn(under(root, DEVICES, master, 'therm_bulk_read'), clock)))
}

async function convertOn(trigger: string, clock: Clock): Promise<void> {
  try {
    await writeFile(trigger, 'trigger', { flag: 'r+' })
    for (let waitedMs = 0; waitedMs < CONVERSION_MS_MAX; waitedMs += POLL_MS) {
      await pause(clock, POLL_MS)
      if ((await readText(trigger)) !== '-1') return
    }
  } catch {
    // Old kernels have no such file, and many let only root write it; then each thermometer converts alone.
  }
}

/** Nine bytes, the bus master's verdict on their checksum, and the temperature. */
async function readScratchpad(path: string): Promise<number> {
  const text = await readText(path)
  if (text === '') throw new KernelFault('no_answer', path)
  const found = /^((?:[0-9a-f]{2} ){9}): crc=[0-9a-f]{2} (YES|NO)\n.*t=(-?\d+)$/.exec(text)
  if (found === null || found[2] !== 'YES') throw new KernelFault('bad_frames', path)
  // A data wire at ground reads as zeros, whose checksum is zero and right.
  if (/^(00 )+$/.test(found[1] ?? '')) throw new KernelFault('no_answer', path)
  return numberOf(found[3] ?? '', path)
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise(resolve => {
    clock.setTimeout(resolve, delayMs)
  })
}
