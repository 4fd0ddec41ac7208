import type { TypeLetter } from './values.ts'

/** One load or store instruction. */
export interface Access {
  readonly opcode: number
  readonly store: boolean
  readonly type: TypeLetter
  readonly bytes: 1 | 2 | 4 | 8
  readonly signed: boolean
}

const row = (opcode: number, type: TypeLetter, bytes: Access['bytes'], signed = false): Access => {
  return { opcode, store: opcode >= 0x36, type, bytes, signed }
}

/** Every load and store, in the order of their opcodes. */
export const ACCESSES: readonly Access[] = [
  row(0x28, 'i', 4),
  row(0x29, 'I', 8),
  row(0x2a, 'f', 4),
  row(0x2b, 'F', 8),
  row(0x2c, 'i', 1, true),
  row(0x2d, 'i', 1),
  row(0x2e, 'i', 2, true),
  row(0x2f, 'i', 2),
  row(0x30, 'I', 1, true),
  row(0x31, 'I', 1),
  row(0x32, 'I', 2, true),
  row(0x33, 'I', 2),
  row(0x34, 'I', 4, true),
  row(0x35, 'I', 4),
  row(0x36, 'i', 4),
  row(0x37, 'I', 8),
  row(0x38, 'f', 4),
  row(0x39, 'F', 8),
  row(0x3a, 'i', 1),
  row(0x3b, 'i', 2),
  row(0x3c, 'I', 1),
  row(0x3d, 'I', 2),
  row(0x3e, 'I', 4),
]

const FIRST = 0x28

/** The access of an opcode from 0x28 to 0x3e. */
export function accessOf(opcode: number): Access {
  const access = ACCESSES[opcode - FIRST]
  if (access === undefined) throw new Error(`0x${opcode.toString(16)} is no access`)
  return access
}
