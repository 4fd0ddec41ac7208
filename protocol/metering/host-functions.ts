/** The functions that metering adds to a module where it meets its host. */
import { ByteWriter } from './byte-writer.ts'
import { HOST_CALL_FUEL } from './costs.ts'
import { Emitter } from './emitter.ts'
import { OP } from './opcodes.ts'
import { STACK_SLOTS_MAX } from './profile.ts'
import type { RewriteContext } from './rewrite-body.ts'

/**
 * What stands for an imported function where it is referred to: it takes and returns fuel as all that is called indirectly does.
 * @param index - of the imported function
 */
export function writeThunk(index: number, context: RewriteContext): ByteWriter {
  const parameters = context.parameters(index)
  const out = new ByteWriter(64)
  const emit = new Emitter(out, context.shape, context.globals, { fuel: parameters, slots: parameters + 1 }, null)
  out.u32(0)
  emit.charge(HOST_CALL_FUEL)
  passParameters(out, parameters)
  emit.flush()
  out.opIndex(OP.call, index)
  emit.reload()
  out.opIndex(OP.localGet, emit.locals.fuel)
  out.op(OP.end)
  return out
}

/**
 * What the host calls instead of one of the module's functions: it hands over the fuel that is left and an empty stack.
 * @param index - of the module's function
 */
export function writeHostCall(index: number, context: RewriteContext): ByteWriter {
  const { globals, imports } = context
  const parameters = context.parameters(index)
  const out = new ByteWriter(64)
  out.u32(0)
  const plainFuel = index < imports ? HOST_CALL_FUEL : context.plainFuel(index)
  if (plainFuel === null) {
    passParameters(out, parameters)
    out.opIndex(OP.globalGet, globals.fuel)
    out.op(OP.i32Const)
    out.signed(STACK_SLOTS_MAX)
    out.opIndex(OP.call, index)
    out.opIndex(OP.globalSet, globals.fuel)
  } else {
    chargeGlobal(out, globals.fuel, plainFuel, OP.i64Sub)
    if (context.shape === 'profile' && index >= imports) {
      chargeGlobal(out, globals.profile + index - imports, plainFuel, OP.i64Add)
    }
    passParameters(out, parameters)
    out.opIndex(OP.call, index)
  }
  out.op(OP.end)
  return out
}

function chargeGlobal(out: ByteWriter, global: number, fuel: number, op: number): void {
  out.opIndex(OP.globalGet, global)
  out.op(OP.i64Const)
  out.signed(fuel)
  out.op(op)
  out.opIndex(OP.globalSet, global)
}

function passParameters(out: ByteWriter, parameters: number): void {
  for (let index = 0; index < parameters; index++) out.opIndex(OP.localGet, index)
}
