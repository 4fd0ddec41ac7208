/** Fuel, counted straight from the clauses of `protocol/spec/metering.md` and apart from the code that injects it. */
import type { DecodedModule, FunctionBody } from './decode-module.ts'
import { OutOfFuel } from './host.ts'
import { FUEL, HOST_CALL_FUEL } from './rules.ts'

const LEAVES: ReadonlySet<number> = new Set([0x00, 0x0c, 0x0e, 0x0f]) // unreachable, br, br_table, return
const [LOOP, IF, ELSE, END, BR_IF, CALL] = [0x03, 0x04, 0x05, 0x0b, 0x0d, 0x10] as const

function fuelOf(opcode: number): number {
  const fuel = FUEL.get(opcode)
  if (fuel === undefined) throw new Error(`no cost for 0x${opcode.toString(16)}`)
  return fuel
}

/** Counts a run's fuel up to a limit. */
export class FuelMeter {
  readonly #fuelMax: number
  /** Fuel by segment: of each body, by the place of the segment's first instruction. */
  readonly #segments = new Map<FunctionBody, Map<number, number>>()
  readonly #module: DecodedModule
  /** Fuel charged inside each body, callees not counted. */
  readonly self = new Map<FunctionBody, number>()
  spent = 0

  constructor(module: DecodedModule, fuelMax: number) {
    this.#module = module
    this.#fuelMax = fuelMax
  }

  /** @throws {OutOfFuel} when more has been spent than there is */
  charge(fuel: number, body: FunctionBody | null): void {
    this.spent += fuel
    if (body !== null) this.self.set(body, (this.self.get(body) ?? 0) + fuel)
    if (this.spent > this.#fuelMax) throw new OutOfFuel()
  }

  /** Charges the segment that begins at an instruction, as a whole. @see spec/metering.md [FUEL-1.1] */
  enterSegment(body: FunctionBody, at: number): void {
    const known = this.#segments.get(body) ?? new Map<number, number>()
    this.#segments.set(body, known)
    let fuel = known.get(at)
    if (fuel === undefined) {
      fuel = this.#segmentFuel(body, at)
      known.set(at, fuel)
    }
    this.charge(fuel, body)
  }

  /** The sum over instructions up to the one that ends the segment, that one included. */
  #segmentFuel(body: FunctionBody, first: number): number {
    let fuel = 0
    for (let at = first; at < body.code.length; at++) {
      const instruction = body.code[at]
      if (instruction === undefined) break
      const { opcode, closes } = instruction
      fuel += fuelOf(opcode)
      if (opcode === CALL && Number(instruction.operand) < this.#module.imports.length) fuel += HOST_CALL_FUEL
      if (LEAVES.has(opcode) || opcode === LOOP || opcode === IF || opcode === ELSE || opcode === BR_IF) break
      if (opcode === END && closes !== 'loop') break
    }
    return fuel
  }
}
