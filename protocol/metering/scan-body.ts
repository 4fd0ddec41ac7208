/** The first look at a function's code: it keeps to the profile, and what it will cost, segment by segment. */
import { Branching } from './branching.ts'
import { HOST_CALL_FUEL } from './costs.ts'
import { InstructionReader } from './instructions.ts'
import { EFFECTS, entryOf, FUEL, OP } from './opcodes.ts'
import { FRAME_SLOTS, MODULE_LIMITS } from './profile.ts'
import { type Locals, readLocals } from './read-locals.ts'
import type { ModuleReader } from './reader.ts'

/** What a body may refer to. */
export interface CodeContext {
  /** Parameters and results of each type. */
  readonly types: readonly { readonly parameters: number; readonly results: number }[]
  /** Type index of every function, imported ones first. */
  readonly functionTypes: readonly number[]
  readonly imports: number
  readonly globals: number
  readonly tables: number
  readonly dataSegments: number
  readonly elementSegments: number
}

/** What there is to know of a body before it is rewritten. */
export interface BodyScan {
  readonly locals: Locals
  /** Where the first instruction stands. */
  readonly start: number
  /** Fuel of each segment, in the order in which the code begins them. */
  readonly segments: readonly number[]
  /** Slots of its frame on the stack that is counted. */
  readonly frameSlots: number
  /** It contains a call other than of an imported function, and so counts on the stack. */
  readonly calls: boolean
  /** Its segments cost so much together that what it does without fuel would be worth avoiding. */
  readonly long: boolean
  /** One segment from which no branch, call, stop or charge by length leads away: its cost is the same each time. */
  readonly straight: boolean
  /** A branch names the function's own label. */
  readonly leavesByBranch: boolean
  /** Something in it changes a table or uses up a segment. */
  readonly changesTables: boolean
  /** Instructions that grow a memory or table. */
  readonly growths: number
}

/**
 * A function that neither calls nor loops may run without looking whether there is fuel, up to this much. Nothing depends on it but how long
 * a device goes on for nothing: one body has room for 262 144 calls of it.
 */
const UNCHECKED_FUEL_MAX = 4_096

/** A block that is open, kinds as the opcodes that begin them; a function's own is a `block`. */
interface Frame {
  kind: number
  /** Height of the operand stack at its end. */
  endHeight: number
  /** Height of the operand stack at its beginning, parameters included. */
  startHeight: number
}

/**
 * Scans one body.
 * @param reader - over exactly the body, at its locals
 * @param index - of the function, imported ones counted
 * @param references - is given the functions that `ref.func` names
 * @throws {TaskError} `bad_module`
 * @see spec/metering.md [FUEL-1.1]
 */
export function scanBody(reader: ModuleReader, context: CodeContext, index: number, references: Set<number>): BodyScan {
  const scan = new Scan(reader, context, index, references)
  scan.run()
  return scan.result()
}

class Scan {
  readonly #reader: ModuleReader
  readonly #context: CodeContext
  readonly #references: Set<number>
  readonly #type: { readonly parameters: number; readonly results: number }
  readonly #locals: Locals
  readonly #start: number
  readonly #code: InstructionReader
  readonly #frames: Frame[] = []
  readonly #segments: number[] = []
  #fuel = 0
  #height = 0
  #heightMax = 0
  /** The code here is never reached, up to the next `else` or `end` of the block it is in. */
  #dead = false
  /** Blocks opened in dead code; they and all in them are dead. */
  #deadBlocks = 0
  #calls = false
  #straight = true
  #leavesByBranch = false
  #changesTables = false
  #growths = 0
  readonly #branching = new Branching()

  constructor(reader: ModuleReader, context: CodeContext, index: number, references: Set<number>) {
    this.#reader = reader
    this.#context = context
    this.#references = references
    this.#type = this.#typeOf(context.functionTypes[index] ?? -1, reader.offset)
    this.#locals = readLocals(reader)
    this.#start = reader.offset
    this.#code = new InstructionReader(reader)
    this.#frames.push({ kind: OP.block, startHeight: 0, endHeight: this.#type.results })
  }

  run(): void {
    const code = this.#code
    const reader = this.#reader
    while (this.#frames.length > 0) {
      const opcode = code.next()
      this.#branching.count(opcode, code.labels.length)
      if (this.#dead) this.#passDead(opcode)
      else this.#take(opcode)
    }
    if (!reader.done) throw reader.damaged('it goes on behind its last `end`')
    this.#branching.check(reader, this.#start, this.#frameSlots)
  }

  result(): BodyScan {
    return {
      locals: this.#locals,
      start: this.#start,
      segments: this.#segments,
      frameSlots: this.#frameSlots,
      calls: this.#calls,
      long: this.#segments.reduce((sum, fuel) => sum + fuel, 0) > UNCHECKED_FUEL_MAX,
      straight: this.#straight,
      leavesByBranch: this.#leavesByBranch,
      changesTables: this.#changesTables,
      growths: this.#growths,
    }
  }

  get #frameSlots(): number {
    return FRAME_SLOTS + this.#type.parameters + this.#locals.count + this.#heightMax
  }

  /** Dead code costs nothing, but has to keep to the profile. */
  #passDead(opcode: number): void {
    if (opcode === OP.block || opcode === OP.loop || opcode === OP.if) {
      this.#deadBlocks++
      this.#checkNesting()
    } else if (opcode === OP.end && this.#deadBlocks > 0) {
      this.#deadBlocks--
    } else if (opcode === OP.end) {
      this.#end()
    } else if (opcode === OP.else && this.#deadBlocks === 0) {
      this.#else()
    } else {
      this.#checkReferences(opcode)
    }
  }

  #take(opcode: number): void {
    const entry = entryOf(opcode)
    this.#fuel += FUEL[entry] as number
    this.#height += EFFECTS[entry] as number
    switch (opcode) {
      case OP.block:
      case OP.loop:
      case OP.if:
        this.#open(opcode)
        break
      case OP.else:
        this.#else()
        break
      case OP.end:
        this.#end()
        break
      case OP.br:
      case OP.brTable:
      case OP.return:
      case OP.unreachable:
        this.#checkReferences(opcode)
        this.#leave(opcode)
        break
      case OP.brIf:
        this.#checkReferences(opcode)
        this.#straight = false
        this.#close()
        break
      case OP.call:
        this.#call(this.#code.index)
        break
      case OP.callIndirect:
        this.#checkReferences(opcode)
        this.#calls = true
        this.#callType(this.#code.index)
        break
      default:
        if (opcode >= OP.localGet) this.#checkReferences(opcode)
    }
    if (this.#height > this.#heightMax) this.#grow()
  }

  #grow(): void {
    this.#heightMax = this.#height
    if (this.#height <= MODULE_LIMITS.operandsMax) return
    const reason = `its operand stack grows to ${this.#height} values, the limit is ${MODULE_LIMITS.operandsMax}`
    throw this.#reader.refuse(reason, 'Split the function.', this.#code.at)
  }

  #open(opcode: number): void {
    const { index, blockResults } = this.#code
    const { parameters, results } =
      index < 0 ? { parameters: 0, results: blockResults } : this.#typeOf(index, this.#code.at)
    const startHeight = this.#height
    this.#frames.push({ kind: opcode, startHeight, endHeight: startHeight - parameters + results })
    this.#checkNesting()
    if (opcode === OP.block) return
    this.#straight = false
    this.#close()
  }

  #else(): void {
    const frame = this.#frames.at(-1)
    if (frame?.kind !== OP.if) throw this.#reader.damaged('an `else` has no `if`', this.#code.at)
    if (!this.#dead) this.#close()
    else this.#segmentBegins()
    frame.kind = OP.else
    this.#height = frame.startHeight
    this.#dead = false
  }

  #end(): void {
    const frame = this.#frames.pop()
    if (frame === undefined) return
    this.#height = frame.endHeight
    if (this.#frames.length === 0) {
      if (!this.#dead) this.#close()
      this.#dead = false
      return
    }
    // Nothing but falling through reaches the end of a loop.
    if (frame.kind === OP.loop) return
    if (this.#dead) this.#segmentBegins()
    else this.#close()
    this.#dead = false
    // What a block leaves may be all there is at once, when none of its branches gets to its end.
    if (this.#height > this.#heightMax) this.#grow()
  }

  #leave(opcode: number): void {
    if (opcode !== OP.return || this.#frames.length > 1) this.#straight = false
    this.#segments.push(this.#fuel)
    this.#dead = true
  }

  /** The segment ends here, and the next one begins. */
  #close(): void {
    this.#segments.push(this.#fuel)
    this.#fuel = 0
  }

  /** A segment begins behind dead code. */
  #segmentBegins(): void {
    this.#fuel = 0
  }

  #call(index: number): void {
    this.#checkReferences(OP.call)
    // A host function calls nothing of the module, so no chain of calls grows by it.
    if (index < this.#context.imports) this.#fuel += HOST_CALL_FUEL
    else this.#calls = true
    this.#callType(this.#context.functionTypes[index] ?? -1)
  }

  #callType(type: number): void {
    const { parameters, results } = this.#typeOf(type, this.#code.at)
    this.#height += results - parameters
    this.#straight = false
  }

  #typeOf(index: number, at: number): { readonly parameters: number; readonly results: number } {
    const type = this.#context.types[index]
    if (type === undefined) throw this.#reader.damaged(`it names type ${index}, of ${this.#context.types.length}`, at)
    return type
  }

  #checkNesting(): void {
    const nesting = this.#frames.length - 1 + this.#deadBlocks
    if (nesting <= MODULE_LIMITS.nestingMax) return
    const reason = `its blocks nest more than ${MODULE_LIMITS.nestingMax} deep`
    throw this.#reader.refuse(reason, 'Split the function.', this.#code.at)
  }

  /** What an instruction names is there in the module as it was sent: rewriting adds locals, globals, functions and labels of its own. */
  #checkReferences(opcode: number): void {
    const { index, second, labels } = this.#code
    const context = this.#context
    switch (opcode) {
      case OP.br:
      case OP.brIf:
        this.#checkLabel(index)
        return
      case OP.brTable:
        for (const label of labels) this.#checkLabel(label)
        return
      case OP.localGet:
      case OP.localSet:
      case OP.localTee:
        this.#check('local', index, this.#type.parameters + this.#locals.count)
        return
      case OP.globalGet:
      case OP.globalSet:
        this.#check('global', index, context.globals)
        return
      case OP.call:
        this.#check('function', index, context.functionTypes.length)
        return
      case OP.refFunc:
        this.#check('function', index, context.functionTypes.length)
        this.#references.add(index)
        return
      case OP.callIndirect:
        this.#check('type', index, context.types.length)
        this.#check('table', second, context.tables)
        return
      case OP.memoryInit:
        this.#checkLengthOp('data segment', index, context.dataSegments)
        return
      case OP.dataDrop:
        this.#changesTables = true
        this.#check('data segment', index, context.dataSegments)
        return
      case OP.tableInit:
        this.#changesTables = true
        this.#check('table', second, context.tables)
        this.#checkLengthOp('element segment', index, context.elementSegments)
        return
      case OP.elemDrop:
        this.#changesTables = true
        this.#check('element segment', index, context.elementSegments)
        return
      case OP.tableCopy:
        this.#changesTables = true
        this.#check('table', second, context.tables)
        this.#checkLengthOp('table', index, context.tables)
        return
      case OP.tableGrow:
        this.#growths++
        this.#changesTables = true
        this.#checkLengthOp('table', index, context.tables)
        return
      case OP.tableFill:
        this.#changesTables = true
        this.#checkLengthOp('table', index, context.tables)
        return
      case OP.tableSet:
        this.#changesTables = true
        this.#check('table', index, context.tables)
        return
      case OP.tableGet:
      case OP.tableSize:
        this.#check('table', index, context.tables)
        return
      case OP.memoryGrow:
        this.#growths++
        this.#straight = false
        return
      case OP.memoryCopy:
      case OP.memoryFill:
        this.#straight = false
    }
  }

  #checkLengthOp(what: string, index: number, count: number): void {
    this.#straight = false
    this.#check(what, index, count)
  }

  #checkLabel(index: number): void {
    // Labels of blocks in dead code are not in `frames`; those inside are not looked at further.
    const depth = index - this.#deadBlocks
    if (depth === this.#frames.length - 1) this.#leavesByBranch = true
    this.#check('label', index, this.#frames.length + this.#deadBlocks)
  }

  #check(what: string, index: number, count: number): void {
    if (index < count) return
    throw this.#reader.damaged(`it names ${what} ${index}, of ${count}`, this.#code.at)
  }
}
