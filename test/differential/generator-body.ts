/** The code of one generated function as it grows. */
import { leb } from '../support/wasm-module.ts'
import type { Choices } from './choices.ts'
import type { FunctionType } from './decode-module.ts'
import { constantBytes, paddedLeb } from './generator-constants.ts'
import type { ModulePlan } from './generator-plan.ts'
import { type TypeLetter, typeByte } from './values.ts'

/** A block that is open, innermost last. */
export interface OpenLabel {
  /** What a branch to it carries. */
  readonly types: readonly TypeLetter[]
  readonly loop: boolean
  /** The local that bounds a loop's turns; null for what is no loop, and for a loop that nothing bounds. */
  readonly counter: number | null
}

const LOCALS_MAX = 40
/** Bytes of code after which only the simplest forms are drawn. */
const CODE_BYTES_MAX = 700

/** Collects instructions, and knows what they may refer to at each point. */
export class BodyBuilder {
  readonly plan: ModulePlan
  readonly choices: Choices
  /** Index of the function, imports counted. */
  readonly self: number
  readonly type: FunctionType
  readonly out: number[] = []
  readonly labels: OpenLabel[]
  /** It is one line of code: nothing in it branches, calls or works by a length. */
  readonly straight: boolean
  /** Code here is never reached, and the operand stack of the present block is as validation likes it. */
  dead = false
  readonly #locals: TypeLetter[]
  /** Locals that code may write: not those that bound a loop. */
  readonly #writable: number[]

  constructor(plan: ModulePlan, choices: Choices, self: number, type: FunctionType, straight: boolean) {
    this.plan = plan
    this.choices = choices
    this.self = self
    this.type = type
    this.straight = straight
    this.labels = [{ types: type.results, loop: false, counter: null }]
    this.#locals = [...type.params]
    this.#writable = [...type.params.keys()]
    // Frames that are large soon use up the stack that is counted.
    if (choices.chance(4)) this.#locals.push(...Array<TypeLetter>(200 + choices.below(3_000)).fill('I'))
  }

  get full(): boolean {
    return this.choices.spent || this.out.length > CODE_BYTES_MAX
  }

  /** An instruction and its unsigned immediates. */
  op(opcode: number, ...immediates: readonly number[]): void {
    if (opcode >= 0xfc00) this.out.push(0xfc, opcode - 0xfc00)
    else this.out.push(opcode)
    for (const immediate of immediates) this.u32(immediate)
  }

  u32(value: number): void {
    this.out.push(...(this.plan.padded && this.choices.chance(30) ? paddedLeb(value) : leb(value)))
  }

  constant(type: TypeLetter): void {
    this.out.push(...constantBytes(this.choices, type))
  }

  int(value: number): void {
    this.out.push(0x41, ...signed(value))
  }

  /** Index of a local of a type that code may read and write, new when there is none or at a whim. */
  local(type: TypeLetter): number {
    const found = this.#writable.filter(index => this.#locals[index] === type)
    if (found.length > 0 && (this.#writable.length >= LOCALS_MAX || !this.choices.chance(25))) {
      return this.choices.pick(found)
    }
    const index = this.#locals.push(type) - 1
    this.#writable.push(index)
    return index
  }

  /** A local that nothing else writes. */
  counter(): number {
    return this.#locals.push('i') - 1
  }

  blockType({ params, results }: FunctionType): void {
    const [result] = results
    if (params.length === 0 && results.length <= 1 && !this.choices.chance(15)) {
      this.out.push(result === undefined ? 0x40 : typeByte(result))
    } else {
      this.out.push(...signed(this.plan.types.index({ params, results })))
    }
  }

  /** The body as the code section holds it, without its length. */
  bytes(): number[] {
    const groups: { count: number; type: TypeLetter }[] = []
    for (const type of this.#locals.slice(this.type.params.length)) {
      const last = groups.at(-1)
      if (last?.type === type) last.count++
      else groups.push({ count: 1, type })
    }
    return [
      ...leb(groups.length),
      ...groups.flatMap(({ count, type }) => [...leb(count), typeByte(type)]),
      ...this.out,
      0x0b,
    ]
  }
}

/** Signed LEB128 of a 32-bit number. */
function signed(value: number): number[] {
  const low = value & 0x7f
  const rest = value >> 7
  const last = (rest === 0 && low < 64) || (rest === -1 && low >= 64)
  return last ? [low] : [low | 128, ...signed(rest)]
}
