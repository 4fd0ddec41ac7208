/** Electricity meters and other devices that speak Modbus RTU, usually on an RS-485 adapter. */
import { assert, type SensorFault } from '../../protocol/index.ts'
import { channelOf, type Outcome, outcomeOf } from '../scaled.ts'
import type { Sensor } from '../sensor.ts'
import type { ModbusConfig, ModbusRegister } from '../sensor-config.ts'
import { type Heard, heard, type Look, openAskedSensor, unheard } from './asked-sensor.ts'
import type { DriverComponents } from './components.ts'
import { MODBUS_TIMEOUT_MS, openModbusBus, type Read } from './modbus-bus.ts'
import { type Block, customMeter, holds, METERS, type Meter, numberAt } from './modbus-meters.ts'

const BAUD = 9_600
const UNIT = 1

/** What devices refuse with. @see "MODBUS Application Protocol Specification" V1.1b3 §7 */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'it does not know the function',
  2: 'it has no such register',
  3: 'it does not give so many at once',
  4: 'it has failed',
  5: 'it needs more time',
  6: 'it is busy',
  10: 'the gateway has no way to it',
  11: 'the gateway does not hear it',
}
const LATER: ReadonlySet<number> = new Set([5, 6, 11])

/**
 * Opens a device. Those on one port share it and take turns. An Eastron meter is known by its own number and must be there; others may be
 * missing yet.
 * @throws {HardwareError} `unreadable`, `unplugged`, `no_answer`
 * @throws {ConfigError} `bad_option` when another device on the port is set to another speed or parity
 */
export async function openModbus(components: DriverComponents, config: ModbusConfig): Promise<Sensor> {
  const { port: path, unit = UNIT, baudRate = BAUD, parity = 'none' } = config
  const meter = meterOf(config)
  const bus = await openModbusBus(components, path, { baudRate, parity })
  const read = (block: Block): Promise<Read> => bus.read(unit, block)
  const { serial } = meter

  async function identify(at: NonNullable<Meter['serial']>): Promise<Heard<string | null>> {
    const block: Block = { table: 'holding', address: at.address, count: 2 }
    const answer = await read(block)
    if ('fault' in answer) return unheard(answer.fault)
    const number = 'words' in answer ? numberAt(block, answer.words, at) : 0
    return heard(number === 0 || number === 0xffff_ffff ? null : String(number))
  }

  async function measure(): Promise<Heard<Look>> {
    const outcomes = new Map<ModbusRegister, Outcome>()
    let refusal: string | null = null
    for (const block of meter.blocks) {
      const answer = await read(block)
      if ('fault' in answer) return unheard(answer.fault)
      if ('exception' in answer) refusal = refusalAdvice(meter, block, answer.exception)
      for (const register of meter.registers.filter(register => holds(block, register)))
        outcomes.set(register, outcomeIn(block, register, answer))
    }
    return heard({
      outcomes: meter.registers.map(register => outcomes.get(register) ?? 'unknown'),
      state: refusal === null ? 'ok' : 'faulty',
      advice: refusal ?? '',
    })
  }

  return openAskedSensor({
    model: config.meter ?? 'modbus',
    name: meter.name,
    channels: meter.registers.map(({ quantity }) => channelOf(quantity)),
    port: bus.port,
    close: bus.close,
    timeoutMs: MODBUS_TIMEOUT_MS,
    silentAdvice: silentAdvice(meter, unit, baudRate),
    ...(serial === null ? {} : { identify: () => identify(serial) }),
    measure,
  })
}

function meterOf({ meter, registers }: ModbusConfig): Meter {
  if (meter !== undefined) return METERS[meter]
  assert(registers !== undefined, 'the configuration names a meter or registers')
  return customMeter(registers)
}

function outcomeIn(block: Block, register: ModbusRegister, answer: Read): Outcome {
  if ('exception' in answer) return faultOf(answer.exception)
  if ('fault' in answer) return answer.fault
  return outcomeOf(numberAt(block, answer.words, register) * register.scale, channelOf(register.quantity))
}

function faultOf(exception: number): SensorFault {
  return LATER.has(exception) ? 'no_answer' : 'unknown'
}

function refusalAdvice({ name }: Meter, { table, address, count }: Block, exception: number): string {
  const reason = EXCEPTIONS[exception] ?? 'for a reason of its own'
  const registers = count === 1 ? `register ${address}` : `registers ${address} to ${address + count - 1}`
  return `The ${name} refuses its ${table} ${registers}: ${reason} (exception ${exception}). Is the model in the configuration the right one?`
}

function silentAdvice({ name, factoryBaud }: Meter, unit: number, baudRate: number): string {
  const speed =
    factoryBaud === null || baudRate === factoryBaud ? '' : ` (a ${name} leaves the factory at ${factoryBaud})`
  return `Asked was unit ${unit} at ${baudRate} baud${speed}; its menu or label tells what it is set to. Else A and B are swapped, or it has no mains voltage.`
}
