/** Every numeric instruction of the profile, written from the WebAssembly 2.0 specification, chapter 4.3, for clarity and not for speed. */
import { floatInstructions } from './numeric-floats.ts'
import { integerInstructions } from './numeric-integers.ts'
import type { TypeLetter, Value } from './values.ts'

/** One numeric instruction. */
export interface NumericInstruction {
  readonly opcode: number
  readonly params: readonly TypeLetter[]
  readonly result: TypeLetter
  /** @throws {Trap} where the specification says so */
  readonly run: (...operands: never[]) => Value
}

/** `[opcode, 'parameters:result', function]`. */
export type NumericRow = readonly [opcode: number, type: string, run: (...operands: never[]) => Value]

/** By opcode; those with the prefix 0xfc are `0xfc00 + number`. */
export const NUMERIC: ReadonlyMap<number, NumericInstruction> = new Map(
  [...integerInstructions, ...floatInstructions].map(([opcode, type, run]) => {
    const [params = '', result = ''] = type.split(':')
    return [opcode, { opcode, params: [...params] as TypeLetter[], result: result as TypeLetter, run }]
  }),
)
