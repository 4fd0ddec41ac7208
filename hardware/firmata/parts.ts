/** I2C parts on a board: the larger ones through the chip drivers of johnny-five, two small ones by their few registers. */
import type { Clock, SensorChannel } from '../../protocol/index.ts'
import { channelOf, type Outcome, outcomeOf } from '../scaled.ts'
import type { FirmataPart, FirmataPartInput } from '../sensor-config.ts'
import { type BoardInput, STALE_MS, unheardFault } from './input.ts'
import type { ChipData, FirmataBoard, FirmataLibrary } from './library.ts'

type Quantity = 'temperature' | 'humidity' | 'pressure'
/** A number of the chip as a value in the channel's unit. */
type Convert = (raw: number) => number

interface Chip {
  /** johnny-five's name. */
  readonly name: string
  readonly usualAddress: number
  readonly convert: Readonly<Partial<Record<Quantity, Convert>>>
}

const same: Convert = raw => raw

/** What the chip drivers give: °C and Pa from Bosch's parts (humidity in 1/1024 %), plain register values from the others. */
const CHIPS: Readonly<Partial<Record<FirmataPart, Chip>>> = {
  bme280: {
    name: 'BME280',
    usualAddress: 0x76,
    convert: { temperature: same, humidity: raw => raw / 1_024, pressure: same },
  },
  bmp280: { name: 'BMP280', usualAddress: 0x76, convert: { temperature: same, pressure: same } },
  bmp180: { name: 'BMP180', usualAddress: 0x77, convert: { temperature: same, pressure: same } },
  // Sensirion SHT3x-DIS datasheet §4.13
  sht31d: {
    name: 'SHT31D',
    usualAddress: 0x44,
    convert: { temperature: raw => -45 + (175 * raw) / 65_535, humidity: raw => (100 * raw) / 65_535 },
  },
  // TE HTU21D datasheet, "Conversion of signal outputs"; the lowest two bits tell which quantity it is
  htu21d: {
    name: 'HTU21D',
    usualAddress: 0x40,
    convert: {
      temperature: raw => -46.85 + (175.72 * (raw & 0xfffc)) / 65_536,
      humidity: raw => -6 + (125 * (raw & 0xfffc)) / 65_536,
    },
  },
  // Silicon Labs Si7020-A20 datasheet §5.1
  si7020: {
    name: 'SI7020',
    usualAddress: 0x40,
    convert: { temperature: raw => -46.85 + (175.72 * raw) / 65_536, humidity: raw => -6 + (125 * raw) / 65_536 },
  },
}

interface Registers {
  readonly usualAddress: number
  readonly quantity: string
  /** Sent once, before the first reading. */
  readonly setup: readonly number[]
  /** Null where the part gives its value without being told a register. */
  readonly register: number | null
  readonly convert: (high: number, low: number) => number
}

const SMALL: Readonly<Partial<Record<FirmataPart, Registers>>> = {
  // Microchip MCP9808 datasheet §5.1.3: sixteenths of a degree in 13 bits, two's complement
  mcp9808: {
    usualAddress: 0x18,
    quantity: 'temperature',
    setup: [],
    register: 0x05,
    convert: (high, low) => ((((high << 8) | low) << 19) >> 19) / 16,
  },
  // ROHM BH1750FVI datasheet: continuous high resolution mode, 1.2 counts a lux
  bh1750: {
    usualAddress: 0x23,
    quantity: 'light',
    setup: [0x10],
    register: null,
    convert: (high, low) => ((high << 8) | low) / 1.2,
  },
}

/** An I2C part, by its name in the owner's list. */
export function partInput(library: FirmataLibrary, clock: Clock, config: FirmataPartInput): BoardInput {
  const chip = CHIPS[config.part]
  const registers = SMALL[config.part]
  const channels = (chip === undefined ? [registers?.quantity ?? ''] : Object.keys(chip.convert)).map(channelOf)
  const address = config.address ?? chip?.usualAddress ?? registers?.usualAddress ?? 0
  const hex = `0x${address.toString(16)}`
  let outcomes: readonly Outcome[] = []
  let heardAtMs: number | null = null
  let startedMs = clock.monotonicMs()

  function hear(heard: readonly Outcome[]): void {
    outcomes = heard
    heardAtMs = clock.monotonicMs()
  }

  function startChip(board: FirmataBoard, { name, convert }: Chip): void {
    library
      .openChip(board, name, { address })
      .on('data', (data: ChipData) => hear(channels.map(channel => chipOutcome(channel, convert, data))))
  }

  function startRegisters(board: FirmataBoard, { setup, register, convert }: Registers): void {
    board.i2cConfig({ address })
    if (setup.length > 0) board.i2cWrite(address, setup)
    const onData = ([high, low]: readonly number[]) => {
      if (high === undefined || low === undefined) return
      hear(channels.map(channel => outcomeOf(convert(high, low), channel)))
    }
    if (register === null) board.i2cRead(address, 2, onData)
    else board.i2cRead(address, register, 2, onData)
  }

  return {
    label: config.address === undefined ? config.part : `${config.part}@${hex}`,
    model: config.part,
    channels,
    calibrations: channels.map(() => null),
    speaksAlways: true,
    advice: `the ${config.part} does not answer at ${hex}: check its four wires, and whether its address is another ('address').`,
    get heardAtMs() {
      return heardAtMs
    },
    start(board) {
      heardAtMs = null
      startedMs = clock.monotonicMs()
      if (chip !== undefined) startChip(board, chip)
      else if (registers !== undefined) startRegisters(board, registers)
    },
    take() {
      if (heardAtMs === null) return channels.map(() => unheardFault(clock, startedMs))
      return clock.monotonicMs() - heardAtMs > STALE_MS ? channels.map(() => 'stale') : outcomes
    },
  }
}

function chipOutcome(channel: SensorChannel, convert: Chip['convert'], data: ChipData): Outcome {
  const quantity = channel.quantity as Quantity
  const raw = data[quantity]
  const toUnit = convert[quantity]
  return raw === null || raw === undefined || toUnit === undefined ? 'warming_up' : outcomeOf(toUnit(raw), channel)
}
