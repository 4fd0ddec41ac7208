/** The one file that knows johnny-five and the protocol library under it. Both are loaded when the first board is opened, and only then. */
import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { HardwareError } from '../../protocol/index.ts'

/** What the protocol library needs of a port: it emits `data` with the bytes that came. */
export interface FirmataTransport extends EventEmitter {
  readonly path: string
  readonly isOpen: boolean
  write(bytes: Uint8Array, done?: () => void): void
}

/** A board as the protocol library (npm firmata-io 2) shows it. Emits `ready` when it knows the board's pins. */
export interface FirmataIo extends EventEmitter {
  readonly isReady: boolean
  readonly versionReceived: boolean
  readonly MODES: { readonly PULLUP: number }
  readonly pins: readonly { readonly supportedModes: readonly number[] }[]
  /** Pin of each analog channel. */
  readonly analogPins: readonly number[]
  reportVersion(done: () => void): void
  queryFirmware(done: () => void): void
  /** Ends all reports and repeated readings. */
  reset(): void
  setSamplingInterval(ms: number): void
}

/** A johnny-five board. */
export interface FirmataBoard extends EventEmitter {
  readonly io: FirmataIo
  pinMode(pin: number, mode: number): void
  /** @param channel - of the converter, 0 for `A0` */
  analogRead(channel: number, listener: (value: number) => void): void
  digitalRead(pin: number, listener: (value: number) => void): void
  i2cConfig(options: { readonly address: number }): void
  i2cWrite(address: number, bytes: readonly number[]): void
  /** Again and again, as often as the board reports. */
  i2cRead(address: number, register: number, bytes: number, listener: (data: readonly number[]) => void): void
  i2cRead(address: number, bytes: number, listener: (data: readonly number[]) => void): void
}

/** What a chip driver of johnny-five emits as `data`; the units differ from chip to chip. */
export type ChipData = Readonly<Record<'temperature' | 'humidity' | 'pressure', number | null | undefined>>

/** Both libraries, loaded. */
export interface FirmataLibrary {
  openIo(transport: FirmataTransport): FirmataIo
  openBoard(io: FirmataIo): FirmataBoard
  /** Starts a chip driver; its emitter says `data` for each measurement. */
  openChip(board: FirmataBoard, chip: string, options: { address?: number }): EventEmitter
}

interface JohnnyFive {
  readonly Board: new (options: object) => FirmataBoard
  readonly IMU: { readonly Drivers: { get(board: FirmataBoard, chip: string, options: object): EventEmitter } }
}
type Io = { readonly Firmata: new (transport: FirmataTransport, options: object) => FirmataIo }

/** The version that this was written for and is tested with. */
const INSTALL = 'npm install --ignore-scripts johnny-five@2.1.0'

/**
 * Loads the libraries. johnny-five's own serial port library stays unloaded: boards are given a port that is open already.
 * @param from - the file whose packages are meant; tests give another
 * @throws {HardwareError} `not_installed`
 */
export function loadFirmata(from = import.meta.url): FirmataLibrary {
  const require = createRequire(from)
  const johnnyFive = resolved(() => require.resolve('johnny-five'))
  const five = require(johnnyFive) as JohnnyFive
  // The protocol library is that of johnny-five, wherever the package manager has put it.
  const ofFive = createRequire(johnnyFive)
  const ofFirmata = createRequire(resolved(() => ofFive.resolve('firmata')))
  const { Firmata } = ofFirmata(resolved(() => ofFirmata.resolve('firmata-io'))) as Io
  return {
    openIo: transport => withoutEmptyAnswers(new Firmata(transport, {})),
    openBoard: io => new five.Board({ io, repl: false, debug: false, sigint: false }),
    openChip: (board, chip, options) => five.IMU.Drivers.get(board, chip, options),
  }
}

/**
 * StandardFirmata answers for an I2C part that did not acknowledge with no bytes at all, which the chip drivers take for zeros: an
 * unplugged SHT31 would measure -45 °C.
 */
function withoutEmptyAnswers(io: FirmataIo): FirmataIo {
  const emit = io.emit.bind(io)
  io.emit = (event: string | symbol, ...args: unknown[]) => {
    const [data] = args
    const isEmpty = String(event).startsWith('I2C-reply-') && Array.isArray(data) && data.length === 0
    return isEmpty ? false : emit(event, ...args)
  }
  return io
}

function resolved(resolve: () => string): string {
  try {
    return resolve()
  } catch (cause) {
    throw new HardwareError(
      { code: 'not_installed', path: 'johnny-five' },
      `A Firmata board needs the package johnny-five, which is not installed. Install it where hedgerow is: '${INSTALL}' (with -g if hedgerow was installed so).`,
      { cause },
    )
  }
}
