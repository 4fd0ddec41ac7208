/** 1-wire thermometers through the kernel: no library, no root, and each has an identity of its own. */
import { HardwareError, type SensorFault } from '../../protocol/index.ts'
import { KernelFault, under } from '../kernel/files.ts'
import { kernelHealth } from '../kernel/health.ts'
import { convertTogether, hasW1Bus, listThermometers, readThermometer } from '../kernel/w1.ts'
import { channelOf, measurementOf, type Outcome, outcomeOf } from '../scaled.ts'
import type { Sensor } from '../sensor.ts'
import type { Ds18b20Config } from '../sensor-config.ts'
import type { DriverComponents } from './components.ts'
import type { OpenedSensor } from './index.ts'

const CHANNEL = channelOf('temperature')
/** What the sensor holds after power-on; the datasheet's reset value. Seen when it lost power during a conversion. */
const POWER_ON_MILLI_C = 85_000
/** The sensor's range (DS18B20 datasheet). 127.94, which clones give when they were starved of power, is beyond it. */
const MIN_MILLI_C = -55_000
const MAX_MILLI_C = 125_000

/**
 * Opens the thermometer of a ROM id, or every one on the bus. They convert together when the kernel lets them.
 * @throws {HardwareError} `unreadable` when no id is given and there is none on the bus
 */
export async function openDs18b20(
  components: Pick<DriverComponents, 'clock' | 'root'>,
  { id }: Pick<Ds18b20Config, 'id'>,
): Promise<readonly OpenedSensor[]> {
  const ids = id === undefined ? listThermometers(components.root) : [id]
  if (ids.length === 0) throw nothingFound(components.root)
  const convert = ids.length > 1 ? sharedConversion(components) : async () => {}
  return ids.map(each => ({ sensor: thermometer(components, each, convert), place: each }))
}

function nothingFound(root: string): HardwareError {
  const message = hasW1Bus(root)
    ? 'The 1-wire bus has no thermometer: check its three wires, and the 4.7 kΩ resistor between data and 3.3 V.'
    : "The 1-wire bus is off: write 'dtoverlay=w1-gpio' into /boot/firmware/config.txt and restart; data is then GPIO 4 (pin 7)."
  return new HardwareError({ code: 'unreadable', path: under(root, 'sys/bus/w1/devices') }, message)
}

/** Thermometers that are sampled at the same moment share one conversion. */
function sharedConversion({ root, clock }: Pick<DriverComponents, 'clock' | 'root'>): () => Promise<void> {
  let running: Promise<void> | null = null
  return () => {
    running ??= convertTogether(root, clock).finally(() => {
      running = null
    })
    return running
  }
}

function thermometer(
  { root, clock }: Pick<DriverComponents, 'clock' | 'root'>,
  id: string,
  convert: () => Promise<void>,
): Sensor {
  const { note, health } = kernelHealth(fault => adviceOn(fault, id))
  return {
    model: 'ds18b20',
    serial: id,
    channels: [CHANNEL],
    async sample() {
      await convert()
      return note(measurementOf([await read(() => readThermometer(root, id, clock))]))
    },
    health,
    async close() {},
  }
}

async function read(readMilliC: () => Promise<number>): Promise<Outcome> {
  try {
    const milliC = await readMilliC()
    if (milliC === POWER_ON_MILLI_C) return 'power_on_value'
    return milliC < MIN_MILLI_C || milliC > MAX_MILLI_C ? 'out_of_range' : outcomeOf(milliC, CHANNEL, -3)
  } catch (thrown) {
    if (thrown instanceof KernelFault) return thrown.fault
    throw thrown
  }
}

function adviceOn(fault: SensorFault, id: string): string {
  switch (fault) {
    case 'unplugged':
      return `The thermometer ${id} is not on the 1-wire bus: check its wires.`
    case 'power_on_value':
      return `The thermometer ${id} gives 85.00 °C, which it holds when it lost power: connect its VDD to 3.3 V instead of to ground.`
    case 'out_of_range':
      return `The thermometer ${id} gives a value outside its range: it lacks power, or it is a bad copy.`
    case 'bad_frames':
      return `The thermometer ${id} answers with wrong checksums: shorten the wire, or use a smaller pull-up resistor than 4.7 kΩ.`
    default:
      return `The thermometer ${id} does not answer: check data, ground and the 4.7 kΩ resistor between data and 3.3 V.`
  }
}
