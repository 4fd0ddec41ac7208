/** Instructions whose work depends on a length are charged for it before they run. */
import type { Emitter } from './emitter.ts'
import { OP } from './opcodes.ts'

/** Bytes moved or filled for one fuel. */
const BYTES_PER_FUEL = 8

/** Fuel for an entry of a table that is copied, filled or grown by: the engine writes each one by itself, in several places. */
const FUEL_PER_ENTRY = 8

/** Fuel for a page of memory that is grown by: its bytes have to be zeroed. */
const FUEL_PER_PAGE = 8_192

/**
 * Charges for the length on top of the stack, and leaves it there, when the instruction works by one.
 * @param lengthLocal - an i32 to keep the length in
 * @see spec/metering.md [FUEL-3.1] [FUEL-3.2]
 */
export function emitLengthCharge(emit: Emitter, opcode: number, lengthLocal: () => number): void {
  switch (opcode) {
    case OP.memoryInit:
    case OP.memoryCopy:
    case OP.memoryFill:
      charge(emit, lengthLocal(), OP.i64ShrU, Math.log2(BYTES_PER_FUEL))
      return
    case OP.tableInit:
    case OP.tableCopy:
    case OP.tableFill:
      charge(emit, lengthLocal(), OP.i64Mul, FUEL_PER_ENTRY)
  }
}

/** Charges the length in the local, combined with a number. */
function charge(emit: Emitter, local: number, operation: number, operand: number): void {
  const { out } = emit
  out.opIndex(OP.localTee, local)
  emit.chargeAmount(() => {
    out.opIndex(OP.localGet, local)
    out.op(OP.i64ExtendI32U)
    emit.const64(operand)
    out.op(operation)
  })
}

/**
 * Growing a memory or table: charged by length when the maximum allows it, and then it succeeds or is the host's fault; a growth beyond the
 * maximum costs nothing more and fails everywhere.
 * @param locals - two i32 of the function
 * @param maximum - pages or entries
 * @see spec/metering.md [FUEL-3.3]
 */
export function emitGrowth(
  emit: Emitter,
  opcode: typeof OP.memoryGrow | typeof OP.tableGrow,
  locals: { readonly delta: number; readonly result: number },
  maximum: number,
): void {
  const { out } = emit
  const size = opcode === OP.memoryGrow ? OP.memorySize : OP.tableSize
  const isAllowed = () => {
    out.opIndex(OP.localGet, locals.delta)
    out.op(OP.i64ExtendI32U)
    out.opIndex(size, 0)
    out.op(OP.i64ExtendI32U)
    out.op(OP.i64Add)
    emit.const64(maximum)
    out.op(OP.i64LeU)
  }
  out.opIndex(OP.localTee, locals.delta)
  emit.chargeAmount(() => {
    out.opIndex(OP.localGet, locals.delta)
    out.op(OP.i64ExtendI32U)
    emit.const64(opcode === OP.memoryGrow ? FUEL_PER_PAGE : FUEL_PER_ENTRY)
    out.op(OP.i64Mul)
    emit.const64(0)
    isAllowed()
    out.op(OP.select)
  })
  out.opIndex(opcode, 0)
  out.opIndex(OP.localTee, locals.result)
  out.op(OP.i32Const)
  out.byte(0x7f) // -1
  out.op(OP.i32Eq)
  isAllowed()
  out.op(OP.i32And)
  emit.hostFaultIf()
  out.opIndex(OP.localGet, locals.result)
}
