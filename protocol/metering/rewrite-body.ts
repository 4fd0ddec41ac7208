/** The second look at a function's code: writes it anew, with what counts its fuel and its stack. */
import { ByteWriter } from './byte-writer.ts'
import { Emitter, type MeterGlobals, type MeterShape } from './emitter.ts'
import { InstructionReader } from './instructions.ts'
import { emitGrowth, emitLengthCharge } from './lengths.ts'
import { canonicalise, canonicalTarget, isCanonicalSource } from './nans.ts'
import { OP } from './opcodes.ts'
import type { ModuleReader } from './reader.ts'
import type { BodyScan } from './scan-body.ts'

/** What rewriting a body needs to know of the module it is in. */
export interface RewriteContext {
  readonly shape: MeterShape
  readonly globals: MeterGlobals
  readonly imports: number
  /** Parameters of the function. */
  parameters(index: number): number
  /** Fuel of a function that is called as it is, because its cost is always the same; null for one that counts for itself. */
  plainFuel(index: number): number | null
  /** The function that stands for an imported one where it is referred to. */
  thunk(index: number): number
  /** The type that hands fuel and slots on, for an original type. */
  threadedType(type: number): number
  /** Block type of what the function leaves on the stack, as it is encoded. */
  resultBlock(index: number): Uint8Array
  /** Entries that the module's table may have, and pages its memory may have. */
  readonly tableMax: number
  readonly pagesMax: number
}

const I32 = 0x7f
const F32 = 0x7d
const F64 = 0x7c
/** Parameters that metering adds: fuel and slots. */
export const ADDED_PARAMETERS = 2

/**
 * A body as a metered module has it, from its locals to its last `end`.
 * @param reader - over exactly the original body
 * @param index - of the function, imported ones counted
 */
export function rewriteBody(reader: ModuleReader, scan: BodyScan, index: number, context: RewriteContext): ByteWriter {
  return new Rewrite(reader, scan, index, context).run()
}

class Rewrite {
  readonly #reader: ModuleReader
  readonly #scan: BodyScan
  readonly #context: RewriteContext
  readonly #index: number
  readonly #parameters: number
  /** What is added to the index of a local that is no parameter. */
  readonly #shift: number
  readonly #out: ByteWriter
  readonly #emit: Emitter
  readonly #code: InstructionReader
  /** Types of the locals for passing values, in the order of their indices. */
  readonly #scratch: number[] = []
  /** Kinds of the open blocks, as the opcodes that begin them. */
  readonly #frames: number[] = [OP.block]
  #segment = 0
  #dead = false
  #deadBlocks = 0
  /** The instruction before, in the same straight line; -1 behind a place that is reached in several ways. */
  #previous = -1

  constructor(reader: ModuleReader, scan: BodyScan, index: number, context: RewriteContext) {
    this.#reader = reader
    this.#scan = scan
    this.#context = context
    this.#index = index
    this.#parameters = context.parameters(index)
    this.#shift = this.#isPlain ? 0 : ADDED_PARAMETERS
    this.#out = new ByteWriter(2 * (reader.end - scan.start) + 64)
    const locals = { fuel: this.#parameters, slots: this.#parameters + 1 }
    this.#emit = new Emitter(this.#out, context.shape, context.globals, locals, index - context.imports)
    this.#code = new InstructionReader(reader)
    reader.offset = scan.start
  }

  get #isPlain(): boolean {
    return this.#context.plainFuel(this.#index) !== null
  }

  run(): ByteWriter {
    this.#enter()
    while (this.#frames.length > 0) {
      const opcode = this.#code.next()
      if (this.#dead) this.#passDead(opcode)
      else this.#take(opcode)
    }
    return this.#withLocals()
  }

  #enter(): void {
    const { calls, long, frameSlots, leavesByBranch } = this.#scan
    this.#beginSegment(calls || long)
    if (calls) this.#emit.enterFrame(frameSlots)
    if (!leavesByBranch || this.#isPlain) return
    // A branch to the function's own label has to pass the fuel back too: it gets a block to leave instead.
    this.#out.op(OP.block)
    this.#out.append(this.#context.resultBlock(this.#index))
  }

  /** The locals were not known before the code was written: it asks for those that pass values. */
  #withLocals(): ByteWriter {
    const { groups, start, end } = this.#scan.locals
    const body = new ByteWriter(this.#out.length + (end - start) + 2 * this.#scratch.length + 8)
    body.u32(groups + this.#scratch.length)
    body.copy(this.#reader.bytes, start, end)
    for (const type of this.#scratch) {
      body.u32(1)
      body.byte(type)
    }
    body.append(this.#out.bytes)
    return body
  }

  /** Index of a local for passing a value, the `number`th of its type. */
  #scratchLocal(type: number, number = 0): number {
    let left = number
    let place = this.#scratch.findIndex(other => other === type && left-- === 0)
    if (place < 0) place = this.#scratch.push(type) - 1
    return this.#parameters + this.#shift + this.#scan.locals.count + place
  }

  /** @param isChecked - code could run on from here, time and again, without another look at the fuel */
  #beginSegment(isChecked = false): void {
    const fuel = this.#scan.segments[this.#segment++] ?? 0
    if (isChecked) this.#emit.chargeChecked(fuel)
    else if (!this.#isPlain) this.#emit.charge(fuel)
    this.#previous = -1
  }

  /** Code that is never reached is left out; what stands behind a stop need not make sense to an engine. */
  #passDead(opcode: number): void {
    if (opcode === OP.block || opcode === OP.loop || opcode === OP.if) this.#deadBlocks++
    else if (opcode === OP.end && this.#deadBlocks > 0) this.#deadBlocks--
    else if (opcode === OP.end) this.#end()
    else if (opcode === OP.else && this.#deadBlocks === 0) this.#else()
  }

  #take(opcode: number): void {
    const code = this.#code
    const out = this.#out
    switch (opcode) {
      case OP.localGet:
      case OP.localSet:
      case OP.localTee:
        out.opIndex(opcode, code.index < this.#parameters ? code.index : code.index + this.#shift)
        break
      case OP.block:
      case OP.loop:
      case OP.if:
        this.#open(opcode)
        return
      case OP.else:
        this.#else()
        return
      case OP.end:
        this.#end()
        return
      case OP.brIf:
        this.#copy()
        this.#beginSegment()
        return
      case OP.br:
      case OP.brTable:
        this.#copy()
        this.#dead = true
        return
      case OP.return:
        this.#return()
        return
      case OP.unreachable:
        this.#emit.flush()
        this.#copy()
        this.#dead = true
        return
      case OP.call:
        this.#call(code.index)
        break
      case OP.callIndirect:
        this.#callIndirect()
        break
      case OP.refFunc:
        out.opIndex(opcode, code.index < this.#context.imports ? this.#context.thunk(code.index) : code.index)
        break
      default:
        if (opcode >= OP.f32Store) this.#takeOther(opcode)
        else this.#copy()
    }
    this.#previous = opcode
  }

  #takeOther(opcode: number): void {
    const target = canonicalTarget(opcode)
    if (target !== null && !isCanonicalSource(this.#previous)) {
      canonicalise(this.#out, target, this.#scratchLocal(target === 'f32' ? F32 : F64))
    }
    if (opcode === OP.memoryGrow || opcode === OP.tableGrow) {
      const { tableMax, pagesMax } = this.#context
      const locals = { delta: this.#scratchLocal(I32), result: this.#scratchLocal(I32, 1) }
      emitGrowth(this.#emit, opcode, locals, opcode === OP.memoryGrow ? pagesMax : tableMax)
      return
    }
    emitLengthCharge(this.#emit, opcode, () => this.#scratchLocal(I32))
    this.#copy()
  }

  #copy(): void {
    this.#out.copy(this.#reader.bytes, this.#code.at, this.#reader.offset)
  }

  #open(opcode: number): void {
    this.#copy()
    this.#frames.push(opcode)
    this.#previous = -1
    if (opcode !== OP.block) this.#beginSegment(opcode === OP.loop)
  }

  #else(): void {
    this.#out.op(OP.else)
    this.#dead = false
    this.#beginSegment()
  }

  #end(): void {
    const kind = this.#frames.pop()
    if (this.#frames.length === 0) {
      this.#endFunction()
      return
    }
    this.#out.op(OP.end)
    this.#previous = -1
    if (kind !== OP.loop) {
      this.#dead = false
      this.#beginSegment()
    } else if (this.#dead) {
      // What follows an endless loop is left out too, and the engine has to see why.
      this.#out.op(OP.unreachable)
    }
  }

  #endFunction(): void {
    const out = this.#out
    if (!this.#isPlain) {
      if (this.#scan.leavesByBranch) {
        out.op(OP.end)
        out.opIndex(OP.localGet, this.#emit.locals.fuel)
      } else if (!this.#dead) {
        out.opIndex(OP.localGet, this.#emit.locals.fuel)
      }
    }
    out.op(OP.end)
  }

  #return(): void {
    if (!this.#isPlain) this.#out.opIndex(OP.localGet, this.#emit.locals.fuel)
    this.#out.op(OP.return)
    this.#dead = true
  }

  #call(index: number): void {
    const emit = this.#emit
    const out = this.#out
    const { imports } = this.#context
    if (index < imports) {
      emit.flush()
      out.opIndex(OP.call, index)
      emit.reload()
      return
    }
    const fuel = this.#context.plainFuel(index)
    if (fuel !== null) {
      emit.charge(fuel, index - imports)
      out.opIndex(OP.call, index)
      return
    }
    this.#handOver()
    out.opIndex(OP.call, index)
    out.opIndex(OP.localSet, emit.locals.fuel)
  }

  #callIndirect(): void {
    const out = this.#out
    const entry = this.#scratchLocal(I32)
    out.opIndex(OP.localSet, entry)
    this.#handOver()
    out.opIndex(OP.localGet, entry)
    out.opIndex(OP.callIndirect, this.#context.threadedType(this.#code.index))
    out.u32(this.#code.second)
    out.opIndex(OP.localSet, this.#emit.locals.fuel)
  }

  #handOver(): void {
    this.#out.opIndex(OP.localGet, this.#emit.locals.fuel)
    this.#out.opIndex(OP.localGet, this.#emit.locals.slots)
  }
}
