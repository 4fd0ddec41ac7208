/** Several Modbus RTU devices on one serial port, through npm `modbus-serial`, the one file that knows it. */
import { EventEmitter } from 'node:events'
import { ConfigError } from '../../protocol/index.ts'
import type { OpenSerialPort, SerialSettings } from '../serial-port.ts'
import { type AskedPort, type LineFault, openAskedPort } from './asked-port.ts'
import type { DriverComponents } from './components.ts'
import { modbusAnswersTo } from './modbus-frames.ts'
import type { Block } from './modbus-meters.ts'

/** Registers, or the exception with which the device refuses, or why nothing came. */
export type Read =
  | { readonly words: readonly number[] }
  | { readonly exception: number }
  | { readonly fault: LineFault }

export interface ModbusBus {
  readonly port: AskedPort
  /** Reads when all earlier questions on this port are over, whichever device they were for. Never rejects. */
  read(unit: number, block: Block): Promise<Read>
  /** Closes the port when all who opened the bus have closed it. */
  close(): Promise<void>
}

/** Meters answer within 100 ms, some with a long display update within 500. */
export const MODBUS_TIMEOUT_MS = 700
/** "Message frames are separated by a silent interval of at least 3.5 character times", and by 1.75 ms above 19 200 baud. */
const REST_CHARACTERS = 3.5
const REST_MIN_MS = 1.75
const BITS_PER_CHARACTER = 11

interface SharedBus {
  readonly bus: Omit<ModbusBus, 'close'>
  readonly settings: SerialSettings
  users: number
}

/** Buses in use, by the ports of a machine and the path. */
const shared = new WeakMap<OpenSerialPort, Map<string, SharedBus>>()

/**
 * Opens the bus on a port, or joins it when another device on it was opened before.
 * @throws {ConfigError} `bad_option` when the others speak at another speed or parity
 */
export async function openModbusBus(
  components: DriverComponents,
  path: string,
  settings: Required<Pick<SerialSettings, 'baudRate' | 'parity'>>,
): Promise<ModbusBus> {
  const buses = shared.get(components.openPort) ?? new Map<string, SharedBus>()
  shared.set(components.openPort, buses)
  const { default: ModbusRTU } = await import('modbus-serial')
  const found = buses.get(path) ?? { bus: createBus(components, path, settings, ModbusRTU), settings, users: 0 }
  if (found.settings.baudRate !== settings.baudRate || found.settings.parity !== settings.parity)
    throw unlike(path, found.settings, settings)
  buses.set(path, found)
  found.users++
  let closed = false
  return {
    ...found.bus,
    async close() {
      if (closed) return
      closed = true
      found.users--
      if (found.users > 0) return
      buses.delete(path)
      await found.bus.port.close()
    },
  }
}

type Library = typeof import('modbus-serial')['default']

function createBus(
  components: DriverComponents,
  path: string,
  settings: SerialSettings & { readonly baudRate: number },
  ModbusRTU: Library,
): Omit<ModbusBus, 'close'> {
  const restMs = Math.max(REST_MIN_MS, (REST_CHARACTERS * BITS_PER_CHARACTER * 1_000) / settings.baudRate)
  const port = openAskedPort(components, { path, settings, restMs })
  const line = new LibraryLine(port)
  const library = new ModbusRTU(line)
  let turn: Promise<unknown> = Promise.resolve()
  library.open()

  function exchange(unit: number, { table, address, count }: Block): Promise<Read> {
    return new Promise(resolve => {
      line.onFault = fault => resolve({ fault })
      const done = (error: unknown, answer: { data: number[] }): void =>
        resolve(error === null ? { words: answer.data } : refusalOf(error))
      if (table === 'input') library.writeFC4(unit, address, count, done)
      else library.writeFC3(unit, address, count, done)
    })
  }

  return {
    port,
    read(unit, block) {
      const result = turn.then(() => exchange(unit, block))
      turn = result
      return result
    },
  }
}

/** What the library takes for its port: it writes questions and hears whole answers; the line itself is ours. */
class LibraryLine extends EventEmitter {
  readonly isOpen = true
  onFault: (fault: LineFault) => void = () => {}
  readonly #port: AskedPort

  constructor(port: AskedPort) {
    super()
    this.#port = port
  }

  open(callback?: (error: null) => void): void {
    callback?.(null)
  }

  write(bytes: Uint8Array): void {
    this.#port.ask({ bytes, answers: modbusAnswersTo(bytes), timeoutMs: MODBUS_TIMEOUT_MS }).then(reply => {
      if (reply.fault === null) this.emit('data', Buffer.from(reply.frame))
      else this.onFault(reply.fault)
    })
  }
}

/** The library's other errors are of answers that the line has let through only whole; one that differs all the same is a broken one. */
function refusalOf(error: unknown): Read {
  const { modbusCode } = error as { modbusCode?: number }
  return modbusCode === undefined ? { fault: 'bad_frames' } : { exception: modbusCode }
}

function unlike(path: string, first: SerialSettings, second: SerialSettings): ConfigError {
  const words = ({ baudRate, parity = 'none' }: SerialSettings): string => `${baudRate} baud with parity '${parity}'`
  const reason = `is used at ${words(first)} by one Modbus device and at ${words(second)} by another. All devices on a bus must be set alike`
  return new ConfigError({ code: 'bad_option', path, reason }, `${path} ${reason}.`)
}
