/** What an instance of the reference interpreter owns: memory, tables, globals and segments. */
import { type Access, accessOf } from './accesses.ts'
import type { Constant, DecodedModule } from './decode-module.ts'
import { floatOf } from './float-bits.ts'
import { Trap, type Value } from './values.ts'

const PAGE_BYTES = 65_536

/** One instance's belongings, and the instructions on them. */
export class Store {
  readonly #module: DecodedModule
  readonly #pagesMax: number
  readonly #entriesMax: number
  /** All zeros at first, as {@link instantiate} and the code leave it later. */
  memory: Uint8Array
  readonly tables: Value[][]
  readonly globals: Value[] = []
  /** Segments; a dropped one is empty. */
  readonly #data: Uint8Array[]
  readonly #elements: Value[][]

  constructor(module: DecodedModule, limits: { pagesMax: number; entriesMax: number }) {
    this.#module = module
    this.#pagesMax = Math.min(module.memory?.maximum ?? limits.pagesMax, limits.pagesMax)
    this.#entriesMax = limits.entriesMax
    this.memory = new Uint8Array((module.memory?.minimum ?? 0) * PAGE_BYTES)
    this.tables = module.tables.map(({ minimum }) => Array<Value>(minimum).fill(null))
    for (const { init } of module.globals) this.globals.push(this.constant(init))
    this.#elements = module.elements.map(({ items }) => items.map(item => this.constant(item)))
    this.#data = module.data.map(({ bytes }) => bytes)
  }

  /** Places the active segments and uses them up. @throws {Trap} */
  instantiate(): void {
    for (const [index, { kind, place, items }] of this.#module.elements.entries()) {
      if (place !== null) this.tableInit(place.table, index, Number(this.constant(place.offset)), 0, items.length)
      if (kind !== 'passive') this.elementDrop(index)
    }
    for (const [index, { offset, bytes }] of this.#module.data.entries()) {
      if (offset === null) continue
      this.memoryInit(index, Number(this.constant(offset)), 0, bytes.length)
      this.dataDrop(index)
    }
  }

  constant({ opcode, operand }: Constant): Value {
    if (opcode === 0xd2) return { functionIndex: Number(operand) }
    if (opcode === 0xd0) return null
    if (opcode === 0x23) return this.globals[Number(operand)] ?? null
    if (opcode === 0x43) return floatOf(BigInt(operand), 4)
    return opcode === 0x44 ? floatOf(BigInt(operand), 8) : operand
  }

  /** The bits that a load reads, not extended. @throws {Trap} */
  loadBits(opcode: number, address: number, offset: number): bigint {
    const access = accessOf(opcode)
    const view = this.#view(access, address, offset)
    let bits = 0n
    for (let at = access.bytes - 1; at >= 0; at--) bits = (bits << 8n) | BigInt(view.getUint8(at))
    return bits
  }

  /** Writes as many of the low bits as the instruction does. @throws {Trap} */
  storeBits(opcode: number, address: number, offset: number, bits: bigint): void {
    const access = accessOf(opcode)
    const view = this.#view(access, address, offset)
    for (let at = 0; at < access.bytes; at++) view.setUint8(at, Number((bits >> BigInt(8 * at)) & 0xffn))
  }

  #view({ bytes }: Access, address: number, offset: number): DataView {
    const at = (address >>> 0) + offset
    if (at + bytes > this.memory.length) throw new Trap('memory_out_of_bounds')
    return new DataView(this.memory.buffer, at, bytes)
  }

  get pages(): number {
    return this.memory.length / PAGE_BYTES
  }

  memoryMayGrow(delta: number): boolean {
    return this.pages + delta <= this.#pagesMax
  }

  memoryGrow(delta: number): number {
    const before = this.pages
    if (!this.memoryMayGrow(delta)) return -1
    const grown = new Uint8Array((before + delta) * PAGE_BYTES)
    grown.set(this.memory)
    this.memory = grown
    return before
  }

  memoryFill(target: number, value: number, length: number): void {
    checkRange(target, length, this.memory.length, 'memory_out_of_bounds')
    this.memory.fill(value & 255, target, target + length)
  }

  memoryCopy(target: number, source: number, length: number): void {
    checkRange(source, length, this.memory.length, 'memory_out_of_bounds')
    checkRange(target, length, this.memory.length, 'memory_out_of_bounds')
    this.memory.copyWithin(target, source, source + length)
  }

  memoryInit(segment: number, target: number, source: number, length: number): void {
    const bytes = this.#data[segment] ?? new Uint8Array()
    checkRange(source, length, bytes.length, 'memory_out_of_bounds')
    checkRange(target >>> 0, length, this.memory.length, 'memory_out_of_bounds')
    this.memory.set(bytes.subarray(source, source + length), target >>> 0)
  }

  dataDrop(segment: number): void {
    this.#data[segment] = new Uint8Array()
  }

  table(index: number): Value[] {
    const table = this.tables[index]
    if (table === undefined) throw new Error(`no table ${index}`)
    return table
  }

  tableGet(index: number, at: number): Value {
    const value = this.table(index)[at]
    if (value === undefined) throw new Trap('table_or_call')
    return value
  }

  tableSet(index: number, at: number, value: Value): void {
    this.tableGet(index, at)
    this.table(index)[at] = value
  }

  tableMayGrow(index: number, delta: number): boolean {
    const maximum = Math.min(this.#module.tables[index]?.maximum ?? this.#entriesMax, this.#entriesMax)
    return this.table(index).length + delta <= maximum
  }

  tableGrow(index: number, value: Value, delta: number): number {
    const table = this.table(index)
    const before = table.length
    if (!this.tableMayGrow(index, delta)) return -1
    for (let left = delta; left > 0; left--) table.push(value)
    return before
  }

  tableFill(index: number, target: number, value: Value, length: number): void {
    const table = this.table(index)
    checkRange(target, length, table.length, 'table_or_call')
    table.fill(value, target, target + length)
  }

  tableCopy(toTable: number, fromTable: number, target: number, source: number, length: number): void {
    const [to, from] = [this.table(toTable), this.table(fromTable)]
    checkRange(source, length, from.length, 'table_or_call')
    checkRange(target, length, to.length, 'table_or_call')
    for (const [at, value] of from.slice(source, source + length).entries()) to[target + at] = value
  }

  tableInit(index: number, segment: number, target: number, source: number, length: number): void {
    const items = this.#elements[segment] ?? []
    const table = this.table(index)
    checkRange(source, length, items.length, 'table_or_call')
    checkRange(target >>> 0, length, table.length, 'table_or_call')
    for (const [at, value] of items.slice(source, source + length).entries()) table[(target >>> 0) + at] = value
  }

  elementDrop(segment: number): void {
    this.#elements[segment] = []
  }
}

function checkRange(start: number, length: number, size: number, kind: 'memory_out_of_bounds' | 'table_or_call'): void {
  if (start + length > size) throw new Trap(kind)
}
