/** A sensor of a kernel subsystem, as the device sees it. */
import {
  type Calibration,
  ConfigError,
  HardwareError,
  type SensorChannel,
  type SensorFault,
} from '../../protocol/index.ts'
import { type CalibratedSensor, calibrationFor } from '../calibration.ts'
import { parseFormula } from '../formula.ts'
import { channelOf, measurementOf, type Outcome, outcomeOf } from '../scaled.ts'
import type { HwmonConfig, IioConfig, KernelInput } from '../sensor-config.ts'
import type { KernelChannel, KernelDevice, Subsystem } from './device.ts'
import { KernelFault, under } from './files.ts'
import { kernelHealth } from './health.ts'

type Config = Pick<IioConfig | HwmonConfig, 'device' | 'at' | 'inputs'>

/** A channel that is read, and how its number becomes an outcome. */
interface Reading {
  readonly name: string
  readonly channel: SensorChannel
  readonly calibration: Calibration | null
  readonly toOutcome: (raw: number) => Outcome
}

/**
 * Opens the device that an entry names. Its folder is looked up anew when a file is gone, so it may be unplugged and come back under
 * another number.
 * @throws {HardwareError} `unreadable` when it is not there, since only its files tell what it measures
 * @throws {ConfigError} `bad_option` when several match, or an input is not one of its channels
 */
export function openKernelSensor(subsystem: Subsystem, root: string, config: Config): CalibratedSensor {
  const device = findOne(subsystem, root, config)
  const readings = config.inputs === undefined ? allOf(device) : config.inputs.map(input => inputOf(device, input))
  const channels = readings.map(({ channel }) => channel)
  const { note, health } = kernelHealth(fault => adviceOn(fault, subsystem, device))
  let folder = device.folder

  async function read(reading: Reading): Promise<Outcome> {
    try {
      return reading.toOutcome(await subsystem.read(folder, reading.name))
    } catch (thrown) {
      if (thrown instanceof KernelFault) return thrown.fault
      throw thrown
    }
  }

  async function readAgain(reading: Reading): Promise<Outcome> {
    const moved = matching(subsystem, root, config)[0]?.folder
    if (moved === undefined) return 'unplugged'
    folder = moved
    return read(reading)
  }

  return {
    model: device.name,
    serial: null,
    channels,
    calibrations: readings.map(({ calibration }) => calibration),
    async sample() {
      const outcomes: Outcome[] = []
      // One after the other: they share a bus, and often one conversion.
      for (const reading of readings) {
        const outcome = await read(reading)
        outcomes.push(outcome === 'unplugged' ? await readAgain(reading) : outcome)
      }
      return note(measurementOf(outcomes))
    },
    health,
    async close() {},
  }
}

function matching(subsystem: Subsystem, root: string, { device, at }: Config): readonly KernelDevice[] {
  return subsystem.devices(root).filter(found => found.name === device && (at === undefined || found.at === at))
}

function findOne(subsystem: Subsystem, root: string, config: Config): KernelDevice {
  const found = matching(subsystem, root, config)
  const [first] = found
  const name = config.at === undefined ? `'${config.device}'` : `'${config.device}' at ${config.at}`
  if (first === undefined) {
    const others = [...new Set(subsystem.devices(root).map(device => device.name))].join(', ')
    const there = others === '' ? 'it shows no such sensor at all' : `it shows only ${others}`
    throw new HardwareError(
      { code: 'unreadable', path: under(root, 'sys') },
      `The kernel has no ${subsystem.driver} sensor ${name}; ${there}. Check the wires and the dtoverlay line in config.txt ('hedgerow hardware scan').`,
    )
  }
  if (found.length > 1) {
    const places = found.map(device => device.at).join(' or ')
    const reason = `fits ${found.length} sensors: say which with 'at': ${places}`
    throw new ConfigError({ code: 'bad_option', path: 'device', reason }, `The entry for ${name} ${reason}.`)
  }
  return first
}

function allOf(device: KernelDevice): readonly Reading[] {
  const channels = device.channels.filter(({ kind }) => kind.onDemand !== true)
  const quantities = channels.map(({ kind }) => kind.quantity)
  const second = channels.find(({ kind }, index) => quantities.indexOf(kind.quantity) < index)
  if (second !== undefined || channels.length === 0) {
    const names = device.channels.map(({ name }) => name).join(', ')
    const why =
      second === undefined
        ? 'has nothing that is measured by itself'
        : `has several channels of ${second.kind.quantity}`
    const reason = `${why}: choose with 'inputs' among ${names === '' ? 'its channels, of which there are none' : names}`
    throw new ConfigError({ code: 'bad_option', path: 'inputs', reason }, `The sensor '${device.name}' ${reason}.`)
  }
  return channels.map(channel => readingOf(channel, channel.kind.quantity))
}

function inputOf(device: KernelDevice, input: KernelInput): Reading {
  const channel = device.channels.find(({ name }) => name === input.channel)
  if (channel === undefined) {
    const reason = `names '${input.channel}', which is not among the channels of '${device.name}': ${device.channels.map(({ name }) => name).join(', ')}`
    throw new ConfigError({ code: 'bad_option', path: 'inputs', reason }, `An input ${reason}.`)
  }
  if (input.formula === undefined && channel.kind.quantity !== input.quantity) {
    const reason = `needs a 'formula' that makes ${input.quantity} of the ${channel.kind.quantity} of '${input.channel}'`
    throw new ConfigError({ code: 'bad_option', path: 'inputs', reason }, `An input of '${device.name}' ${reason}.`)
  }
  return readingOf(channel, input.quantity, input.formula)
}

function readingOf({ name, kind }: KernelChannel, quantity: string, formulaText?: string): Reading {
  const channel = channelOf(quantity)
  const divisor = kind.divisor ?? 1
  if (formulaText === undefined) {
    const toOutcome = (raw: number) => outcomeOf(raw / divisor, channel, kind.power)
    return { name, channel, calibration: null, toOutcome }
  }
  const formula = parseFormula(formulaText)
  const inUnit = (raw: number) =>
    kind.power < 0 ? raw / divisor / 10 ** -kind.power : (raw / divisor) * 10 ** kind.power
  return {
    name,
    channel,
    calibration: calibrationFor(channel, { formula: formulaText }),
    toOutcome: raw => (formula.ok ? outcomeOf(formula.evaluate(inUnit(raw)), channel) : 'unknown'),
  }
}

function adviceOn(fault: SensorFault, { driver }: Subsystem, { name, at }: KernelDevice): string {
  const it = `The ${driver} sensor ${name}${at === '' ? '' : ` at ${at}`}`
  switch (fault) {
    case 'unplugged':
      return `${it} is gone from the kernel: check its wires, then restart if it does not come back.`
    case 'no_answer':
      return `${it} does not answer: check power, ground and the two data wires, and that no other part has its address.`
    case 'bad_frames':
      return `${it} answers with damaged data: use shorter wires, and a pull-up resistor where it needs one.`
    case 'out_of_range':
      return `${it} gives values that cannot be: it is broken, or its 'formula' is not right.`
    default:
      return `${it} could not be read: 'dmesg' shows what the kernel says of it.`
  }
}
