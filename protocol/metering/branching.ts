import { OP } from './opcodes.ts'
import { MODULE_LIMITS } from './profile.ts'
import type { ModuleReader } from './reader.ts'

/** How much a function branches: what compilers multiply by the values that are alive there. Counts dead code too. */
export class Branching {
  /** Labels that branches name. */
  #labels = 0
  /** Instructions that open, end or leave a block. */
  #controls = 0

  /** @param labels - of a `br_table`, its default included */
  count(opcode: number, labels: number): void {
    if (opcode < OP.block || opcode > OP.return) return
    this.#controls++
    if (opcode === OP.brTable) this.#labels += labels
    else if (opcode === OP.br || opcode === OP.brIf) this.#labels++
  }

  /**
   * @param start - where the function's body begins, for the refusal
   * @throws {TaskError} `bad_module`
   * @see spec/metering.md [PROFILE-1.7]
   */
  check(reader: ModuleReader, start: number, frameSlots: number): void {
    const { branchValuesMax, controlValuesMax } = MODULE_LIMITS
    const bounded = (count: number, what: string, limit: number) => {
      const product = count * frameSlots
      if (product <= limit) return
      const reason = `it has ${count} ${what} and ${frameSlots} slots, which makes ${product}, the limit is ${limit}`
      throw reader.refuse(reason, 'Split the function.', start)
    }
    bounded(this.#labels, 'labels in branches', branchValuesMax)
    bounded(this.#controls, 'control instructions', controlValuesMax)
  }
}
