/** Instructions whose work depends on a length are charged for it before they run. */
import type { Emitter } from './emitter.ts'
import { OP } from './opcodes.ts'

/** Bytes moved or filled for one fuel, as a shift: 8. */
const BYTES_PER_FUEL_SHIFT = 3

/** Fuel for a page of memory that is grown by: its bytes have to be zeroed. */
const FUEL_PER_PAGE = 8_192

/**
 * Charges for the length on top of the stack, and leaves it there, when the instruction works by one.
 * @param lengthLocal - an i32 to keep the length in
 * @see spec/metering.md [FUEL-3.1]
 */
export function emitLengthCharge(emit: Emitter, opcode: number, lengthLocal: () => number): void {
  switch (opcode) {
    case OP.memoryInit:
    case OP.memoryCopy:
    case OP.memoryFill:
      charge(emit, lengthLocal(), BYTES_PER_FUEL_SHIFT)
      return
    case OP.tableInit:
    case OP.tableCopy:
    case OP.tableFill:
      charge(emit, lengthLocal(), 0)
  }
}

function charge(emit: Emitter, local: number, shift: number): void {
  const { out } = emit
  out.opIndex(OP.localTee, local)
  emit.chargeAmount(() => {
    out.opIndex(OP.localGet, local)
    out.op(OP.i64ExtendI32U)
    if (shift === 0) return
    emit.const64(shift)
    out.op(OP.i64ShrU)
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
    if (opcode === OP.memoryGrow) {
      emit.const64(FUEL_PER_PAGE)
      out.op(OP.i64Mul)
    }
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
