/**
 * A reference interpreter of modules of the profile: it runs the module as the developer wrote it and counts fuel from the clauses of the
 * metering rules. It shares no code with `protocol/metering`, and is clear rather than fast.
 */
import { accessOf } from './accesses.ts'
import type { Instruction } from './decode-code.ts'
import type { DecodedModule, FunctionBody } from './decode-module.ts'
import { bitsOf, copySign, floatOf, keepsBits, shownBytes } from './float-bits.ts'
import type { FuelMeter } from './fuel-meter.ts'
import type { HostFunction } from './host.ts'
import { NUMERIC, type NumericInstruction } from './numeric.ts'
import { FRAME_SLOTS, HOST_CALL_FUEL, STACK_SLOTS } from './rules.ts'
import { heightsOf, typeOfFunction } from './stack-height.ts'
import type { Store } from './store.ts'
import { runStoreInstruction } from './store-instructions.ts'
import { type FunctionReference, Trap, type Value, zeroOf } from './values.ts'

interface Label {
  /** Values that a branch to it carries. */
  readonly arity: number
  /** Height of the operand stack without the block's own values. */
  readonly height: number
  /** Where a branch goes on: behind the `end`, or behind the `loop`. */
  readonly target: number
  readonly loop: boolean
}

interface Frame {
  readonly body: FunctionBody
  readonly locals: Value[]
  readonly stack: Value[]
  readonly labels: Label[]
  readonly slots: number
  at: number
  /** Of the float that the instruction before left on top, when it {@link keepsBits}. */
  bits: bigint
}

/** What an interpreter works on. */
export interface InterpreterParts {
  readonly module: DecodedModule
  readonly store: Store
  readonly fuel: FuelMeter
  /** Imported functions in the order of their index. */
  readonly host: readonly HostFunction[]
}

/** Runs the functions of one instance, with frames of its own instead of the stack of JavaScript. */
export class Interpreter {
  readonly #module: DecodedModule
  readonly #store: Store
  readonly #fuel: FuelMeter
  readonly #host: readonly HostFunction[]
  readonly #slots = new Map<FunctionBody, number>()
  /** A NaN showed bits that metering makes canonical: an engine running the plain module may show others. */
  sawNan = false
  /** Opcodes of all instructions that have run. */
  readonly executed = new Set<number>()
  #frames: Frame[] = []
  #slotsUsed = 0

  constructor({ module, store, fuel, host }: InterpreterParts) {
    this.#module = module
    this.#store = store
    this.#fuel = fuel
    this.#host = host
  }

  /**
   * Calls a function of the module from outside.
   * @throws {Trap} @throws {OutOfFuel} @throws what a host function throws
   */
  invoke(index: number, args: readonly Value[]): Value[] {
    this.#frames = []
    this.#slotsUsed = 0
    const results: Value[] = [...args]
    this.#enter(index, results, true)
    while (this.#frames.length > 0) this.#step(results)
    return results
  }

  /** Moves a function's arguments off the caller's operands; a host function's result goes back there at once. */
  #enter(index: number, operands: Value[], byReference = false): void {
    const { params } = typeOfFunction(this.#module, index)
    const args = operands.splice(operands.length - params.length)
    const host = this.#host[index]
    if (host !== undefined) {
      if (byReference) this.#fuel.charge(HOST_CALL_FUEL, null)
      const result = host(...(args as (number | bigint)[]))
      if (result !== undefined) operands.push(result)
      return
    }
    const body = this.#module.functions[index - this.#module.imports.length]
    if (body === undefined) throw new Error(`no function ${index}`)
    const slots = this.#slotsOf(body)
    const locals = [...args, ...body.locals.map(zeroOf)]
    const label = { arity: body.type.results.length, height: 0, target: body.code.length, loop: false }
    this.#frames.push({ body, locals, stack: [], labels: [label], slots, at: 0, bits: 0n })
    this.#fuel.enterSegment(body, 0)
    this.#slotsUsed += slots
    if (this.#slotsUsed > STACK_SLOTS) throw new Trap('stack_exhausted')
  }

  /** What a function's frame takes of the stack that is counted: 0 where it calls nothing. */
  #slotsOf(body: FunctionBody): number {
    let slots = this.#slots.get(body)
    if (slots === undefined) {
      const { operandsMax, calls } = heightsOf(this.#module, body)
      slots = calls ? FRAME_SLOTS + body.type.params.length + body.locals.length + operandsMax : 0
      this.#slots.set(body, slots)
    }
    return slots
  }

  #step(results: Value[]): void {
    const frame = this.#frames.at(-1)
    if (frame === undefined) return
    const instruction = frame.body.code[frame.at]
    if (instruction === undefined) {
      this.#leave(frame, results)
      return
    }
    frame.at++
    const { opcode } = instruction
    this.executed.add(opcode)
    const numeric = NUMERIC.get(opcode)
    if (shownBytes(opcode) !== undefined) {
      this.#show(frame, instruction)
    } else if (numeric !== undefined) {
      const operands = frame.stack.splice(frame.stack.length - numeric.params.length)
      const result = numeric.run(...(operands as never[]))
      frame.stack.push(result)
      if (keepsBits(opcode)) frame.bits = sourceBits(numeric, operands, result)
    } else if (opcode <= 0x11) {
      this.#control(frame, instruction)
    } else if (opcode <= 0x24 || (opcode >= 0x41 && opcode <= 0x44)) {
      this.#plain(frame, instruction)
    } else if (opcode <= 0x3e && opcode >= 0x28) {
      this.#access(frame, instruction)
    } else {
      const charge = (fuel: number) => this.#fuel.charge(fuel, frame.body)
      runStoreInstruction(this.#store, instruction, frame.stack, charge)
    }
  }

  /** Loads, and stores of integers. */
  #access(frame: Frame, { opcode, operand }: Instruction): void {
    const { type, bytes, signed, store } = accessOf(opcode)
    const { stack } = frame
    const offset = Number(operand)
    if (store) {
      const value = BigInt(stack.pop() as number | bigint)
      this.#store.storeBits(opcode, Number(stack.pop()), offset, value)
      return
    }
    const bits = this.#store.loadBits(opcode, Number(stack.pop()), offset)
    frame.bits = bits
    const extended = signed ? BigInt.asIntN(8 * bytes, bits) : bits
    if (type === 'f') stack.push(floatOf(bits, 4))
    else if (type === 'F') stack.push(floatOf(bits, 8))
    else stack.push(type === 'I' ? BigInt.asIntN(64, extended) : Number(BigInt.asIntN(32, extended)))
  }

  /** The instructions that show a float's bits: stores, reinterpretations, and the sign that is copied. */
  #show(frame: Frame, { opcode, operand }: Instruction): void {
    const { stack, body } = frame
    const bytes = shownBytes(opcode) ?? 8
    const value = Number(stack.pop())
    const before = body.code[frame.at - 2]
    const kept = before !== undefined && keepsBits(before.opcode)
    if (Number.isNaN(value) && !kept) this.sawNan = true
    const bits = kept ? frame.bits : bitsOf(value, bytes)
    if (opcode === 0xbc) stack.push(Number(BigInt.asIntN(32, bits)))
    else if (opcode === 0xbd) stack.push(BigInt.asIntN(64, bits))
    else if (opcode === 0x98 || opcode === 0xa6) stack.push(copySign(Number(stack.pop()), bits, bytes))
    else this.#store.storeBits(opcode, Number(stack.pop()), Number(operand), bits)
  }

  #leave(frame: Frame, results: Value[]): void {
    this.#frames.pop()
    this.#slotsUsed -= frame.slots
    const caller = this.#frames.at(-1)?.stack ?? results
    caller.push(...frame.stack.splice(frame.stack.length - frame.body.type.results.length))
  }

  #control(frame: Frame, instruction: Instruction): void {
    const { stack, labels } = frame
    switch (instruction.opcode) {
      case 0x00:
        throw new Trap('unreachable')
      case 0x02:
        this.#open(frame, instruction)
        return
      case 0x03:
        this.#open(frame, instruction)
        this.#segment(frame)
        return
      case 0x04: {
        const condition = stack.pop()
        if (condition === 0) {
          const { elseAt, endAt } = instruction
          if (elseAt !== endAt) this.#open(frame, instruction)
          frame.at = elseAt + 1
        } else {
          this.#open(frame, instruction)
        }
        this.#segment(frame)
        return
      }
      case 0x05:
        // The end of the first branch: its values stay, and it goes on behind the `end`.
        frame.at = labels.pop()?.target ?? 0
        this.#segment(frame)
        return
      case 0x0b:
        labels.pop()
        if (instruction.closes !== 'loop' && instruction.closes !== 'function') this.#segment(frame)
        return
      case 0x0c:
        this.#branch(frame, Number(instruction.operand))
        return
      case 0x0d:
        if (stack.pop() !== 0) this.#branch(frame, Number(instruction.operand))
        else this.#segment(frame)
        return
      case 0x0e: {
        const index = Number(stack.pop()) >>> 0
        const { labels: targets } = instruction
        this.#branch(frame, targets[Math.min(index, targets.length - 1)] ?? 0)
        return
      }
      case 0x0f:
        frame.at = frame.body.code.length
        return
      case 0x10:
        this.#enter(Number(instruction.operand), stack)
        return
      case 0x11:
        this.#enter(this.#indirect(frame, instruction), stack, true)
    }
  }

  #open(frame: Frame, instruction: Instruction): void {
    const { opcode, blockType, endAt } = instruction
    const { params = [], results = [] } = blockType ?? {}
    const loop = opcode === 0x03
    const height = frame.stack.length - params.length
    const target = loop ? frame.at : endAt + 1
    frame.labels.push({ arity: (loop ? params : results).length, height, target, loop })
  }

  #branch(frame: Frame, depth: number): void {
    const place = frame.labels.length - 1 - depth
    const label = frame.labels[place]
    if (label === undefined) throw new Error(`no label ${depth}`)
    const carried = frame.stack.splice(frame.stack.length - label.arity)
    frame.stack.length = label.height
    frame.stack.push(...carried)
    frame.labels.length = label.loop ? place + 1 : place
    frame.at = label.target
    if (place > 0) this.#segment(frame)
  }

  #segment(frame: Frame): void {
    this.#fuel.enterSegment(frame.body, frame.at)
  }

  #indirect(frame: Frame, instruction: Instruction): number {
    const at = Number(frame.stack.pop()) >>> 0
    const reference = this.#store.tableGet(instruction.second, at) as FunctionReference | null
    if (reference === null) throw new Trap('table_or_call')
    const wanted = this.#module.types[Number(instruction.operand)]
    const found = typeOfFunction(this.#module, reference.functionIndex)
    const same = found.params.join() === wanted?.params.join() && found.results.join() === wanted.results.join()
    if (!same) throw new Trap('table_or_call')
    return reference.functionIndex
  }

  /** Operands, variables and constants. */
  #plain(frame: Frame, { opcode, operand }: Instruction): void {
    const { stack, locals } = frame
    const index = Number(operand)
    switch (opcode) {
      case 0x1a:
        stack.pop()
        return
      case 0x1b:
      case 0x1c: {
        const condition = stack.pop()
        const second = stack.pop()
        if (condition === 0 && second !== undefined) stack[stack.length - 1] = second
        return
      }
      case 0x20:
        stack.push(locals[index] ?? null)
        return
      case 0x21:
        locals[index] = stack.pop() ?? null
        return
      case 0x22:
        locals[index] = stack.at(-1) ?? null
        return
      case 0x23:
        stack.push(this.#store.globals[index] ?? null)
        return
      case 0x24:
        this.#store.globals[index] = stack.pop() ?? null
        return
      case 0x43:
      case 0x44:
        frame.bits = BigInt(operand)
        stack.push(floatOf(frame.bits, opcode === 0x43 ? 4 : 8))
        return
      default:
        stack.push(operand)
    }
  }
}

/** The bits of a float made from an integer: the integer's own, or those of the number it was converted to. */
function sourceBits({ opcode, result }: NumericInstruction, operands: readonly Value[], value: Value): bigint {
  const bytes = result === 'f' ? 4 : 8
  const reinterprets = opcode === 0xbe || opcode === 0xbf
  return reinterprets ? BigInt.asUintN(8 * bytes, BigInt(operands[0] as number | bigint)) : bitsOf(Number(value), bytes)
}
