/**
 * NaNs have many bit patterns, and which one arithmetic gives depends on the processor. Where bits could be seen, every NaN becomes the
 * canonical one.
 * @see spec/metering.md [NAN-1.1]
 */
import type { ByteWriter } from './byte-writer.ts'
import { OP } from './opcodes.ts'

/** The float type whose bits the instruction shows, as the value on top of the stack; null for all others. */
export function canonicalTarget(opcode: number): 'f32' | 'f64' | null {
  switch (opcode) {
    case OP.f32Store:
    case OP.i32ReinterpretF32:
    case OP.f32Copysign:
      return 'f32'
    case OP.f64Store:
    case OP.i64ReinterpretF64:
    case OP.f64Copysign:
      return 'f64'
    default:
      return null
  }
}

/** Whether the instruction's result has the same bits everywhere: it comes from bits as they are, or from an integer. */
export function isCanonicalSource(opcode: number): boolean {
  switch (opcode) {
    case OP.f32Load:
    case OP.f64Load:
    case OP.f32Const:
    case OP.f64Const:
    case OP.f32ReinterpretI32:
    case OP.f64ReinterpretI64:
      return true
    default:
      return (
        (opcode >= OP.f32ConvertFirst && opcode <= OP.f32ConvertLast) ||
        (opcode >= OP.f64ConvertFirst && opcode <= OP.f64ConvertLast)
      )
  }
}

const CANONICAL_F32 = Uint8Array.of(0, 0, 0xc0, 0x7f)
const CANONICAL_F64 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf8, 0x7f)

/** Replaces the NaN on top of the stack, if it is one, by the canonical NaN: positive, quiet, no payload. */
export function canonicalise(out: ByteWriter, type: 'f32' | 'f64', local: number): void {
  out.opIndex(OP.localTee, local)
  out.op(type === 'f32' ? OP.f32Const : OP.f64Const)
  out.append(type === 'f32' ? CANONICAL_F32 : CANONICAL_F64)
  out.opIndex(OP.localGet, local)
  out.opIndex(OP.localGet, local)
  out.op(type === 'f32' ? OP.f32Eq : OP.f64Eq)
  out.op(OP.select)
}
