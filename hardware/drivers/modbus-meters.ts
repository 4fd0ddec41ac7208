/** Registers of electricity meters, and how to ask for many of them with few questions. */
import type { ModbusMeter, ModbusRegister, RegisterType } from '../sensor-config.ts'

/** A kind of meter. */
export interface Meter {
  /** What people call it. */
  readonly name: string
  readonly registers: readonly ModbusRegister[]
  /** The questions that read them all. */
  readonly blocks: readonly Block[]
  /** Holding registers with its own number; null when it has none. */
  readonly serial: { readonly address: number; readonly type: RegisterType } | null
  /** The speed it leaves the factory with; null when that is not known. */
  readonly factoryBaud: number | null
}

/** Registers that follow each other, read with one question. */
export interface Block {
  readonly table: ModbusRegister['table']
  readonly address: number
  readonly count: number
}

/** What one question may ask for at most. ("MODBUS Application Protocol Specification" V1.1b3 §6.3) */
const REGISTERS_MAX = 125

const WORDS: Readonly<Record<RegisterType, 1 | 2>> = {
  u16: 1,
  s16: 1,
  u32: 2,
  s32: 2,
  f32: 2,
  'u32-swapped': 2,
  's32-swapped': 2,
  'f32-swapped': 2,
}

const sdm = (quantity: string, address: number): ModbusRegister => ({
  quantity,
  address,
  type: 'f32',
  table: 'input',
  scale: 1,
})
const pzem = (quantity: string, address: number, type: RegisterType, scale: number): ModbusRegister => ({
  quantity,
  address,
  type,
  table: 'input',
  scale,
})

/** "Each request for data must be restricted to 30 parameters", which are two registers each; those in between read as zero. */
const eastron = (name: string, factoryBaud: number, registers: readonly ModbusRegister[]): Meter => ({
  name,
  registers,
  blocks: blocksOf(registers, { countMax: 60, gapMax: 58 }),
  serial: { address: 0xfc00, type: 'u32' },
  factoryBaud,
})

const SDM_SINGLE_PHASE: readonly ModbusRegister[] = [
  sdm('voltage', 0x0000),
  sdm('current', 0x0006),
  sdm('power', 0x000c),
  sdm('power-factor', 0x001e),
  sdm('frequency', 0x0046),
  sdm('energy-import', 0x0048),
  sdm('energy-export', 0x004a),
  sdm('energy-total', 0x0156),
]

/**
 * Meters whose registers are known.
 * @see Eastron, "SDM230/SDM630 Modbus Protocol" and esphome `sdm_meter_registers.h`; Peacefair, "PZEM-004T V3.0 User Manual" §2.3
 */
export const METERS: Readonly<Record<ModbusMeter, Meter>> = {
  sdm120: eastron('SDM120', 2_400, SDM_SINGLE_PHASE),
  sdm230: eastron('SDM230', 9_600, SDM_SINGLE_PHASE),
  // Of three phases: the mean voltage, the sum of currents, the whole power.
  sdm630: eastron('SDM630', 9_600, [
    sdm('voltage', 0x002a),
    sdm('current', 0x0030),
    sdm('power', 0x0034),
    sdm('power-factor', 0x003e),
    sdm('frequency', 0x0046),
    sdm('energy-import', 0x0048),
    sdm('energy-export', 0x004a),
    sdm('energy-total', 0x0156),
  ]),
  'pzem-004t': {
    name: 'PZEM-004T',
    registers: [
      pzem('voltage', 0, 'u16', 0.1),
      pzem('current', 1, 'u32-swapped', 0.001),
      pzem('power', 3, 'u32-swapped', 0.1),
      pzem('energy-import', 5, 'u32-swapped', 0.001),
      pzem('frequency', 7, 'u16', 0.1),
      pzem('power-factor', 8, 'u16', 0.01),
    ],
    // All there are, as everybody asks for them; the tenth is an alarm.
    blocks: [{ table: 'input', address: 0, count: 10 }],
    serial: null,
    factoryBaud: 9_600,
  },
}

/** A device described by its owner. Registers that nobody asked for are left alone, since some devices refuse them. */
export function customMeter(registers: readonly ModbusRegister[]): Meter {
  const blocks = blocksOf(registers, { countMax: REGISTERS_MAX, gapMax: 0 })
  return { name: 'Modbus device', registers, blocks, serial: null, factoryBaud: null }
}

/** What one question may hold. */
export interface BlockBounds {
  /** Registers. */
  readonly countMax: number
  /** Registers between two wanted ones that may be read along with them. */
  readonly gapMax: number
}

/** The fewest questions that read all registers, ascending within each table. */
export function blocksOf(registers: readonly ModbusRegister[], { countMax, gapMax }: BlockBounds): Block[] {
  const blocks: Block[] = []
  const sorted = [...registers].sort((a, b) => a.table.localeCompare(b.table) || a.address - b.address)
  for (const { table, address, type } of sorted) {
    const end = address + WORDS[type]
    const last = blocks[blocks.length - 1]
    const lastEnd = last === undefined ? 0 : last.address + last.count
    if (last?.table === table && address - lastEnd <= gapMax && end - last.address <= countMax)
      blocks[blocks.length - 1] = { ...last, count: Math.max(lastEnd, end) - last.address }
    else blocks.push({ table, address, count: end - address })
  }
  return blocks
}

/** Whether a block holds a whole number. */
export function holds(
  block: Block,
  { table, address, type }: Pick<ModbusRegister, 'table' | 'address' | 'type'>,
): boolean {
  return block.table === table && address >= block.address && address + WORDS[type] <= block.address + block.count
}

/** The number in a register (or two). @param words - of the whole block, first at `block.address` */
export function numberAt(
  block: Block,
  words: readonly number[],
  { address, type }: Pick<ModbusRegister, 'address' | 'type'>,
): number {
  const at = address - block.address
  const [first = Number.NaN, second = Number.NaN] = words.slice(at, at + WORDS[type])
  if (type === 'u16') return first
  if (type === 's16') return (first << 16) >> 16
  return type.endsWith('-swapped') ? wide(second, first, type) : wide(first, second, type)
}

function wide(high: number, low: number, type: RegisterType): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, high)
  view.setUint16(2, low)
  if (type.startsWith('f32')) return view.getFloat32(0)
  return type.startsWith('u32') ? view.getUint32(0) : view.getInt32(0)
}
