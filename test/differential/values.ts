/** Values as the reference interpreter holds them, and the traps it ends with. */
import type { TrapKind } from '../../protocol/messages/index.ts'

/** A function reference that is not null. */
export interface FunctionReference {
  readonly functionIndex: number
}

/** i32 as a signed number, i64 as a signed bigint, floats as numbers (a NaN has no payload here), references as null or an object. */
export type Value = number | bigint | null | FunctionReference

/** The letters of {@link VALUE_TYPES}: `i` i32, `I` i64, `f` f32, `F` f64, `r` funcref, `e` externref. */
export type TypeLetter = 'i' | 'I' | 'f' | 'F' | 'r' | 'e'

/** Value types by their byte in the binary format. */
export const VALUE_TYPES: ReadonlyMap<number, TypeLetter> = new Map([
  [0x7f, 'i'],
  [0x7e, 'I'],
  [0x7d, 'f'],
  [0x7c, 'F'],
  [0x70, 'r'],
  [0x6f, 'e'],
])

/** The byte of a value type. */
export function typeByte(letter: TypeLetter): number {
  for (const [byte, candidate] of VALUE_TYPES) if (candidate === letter) return byte
  throw new Error(`no type ${letter}`)
}

/** What a local or a fresh table entry holds. */
export function zeroOf(letter: TypeLetter): Value {
  if (letter === 'I') return 0n
  return letter === 'r' || letter === 'e' ? null : 0
}

/** Thrown by an instruction that traps by the rules of WebAssembly. */
export class Trap extends Error {
  readonly kind: TrapKind

  constructor(kind: TrapKind) {
    super(kind)
    this.kind = kind
  }
}
