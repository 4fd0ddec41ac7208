import { type EndingName, nameOf } from './compare.ts'
import type { Interpretation } from './interpret.ts'

/** What many runs came to. */
export class Tally {
  readonly endings: Record<EndingName, number> = {}
  readonly executed = new Set<number>()

  count({ ending, executed }: Interpretation): void {
    const name = nameOf(ending)
    this.endings[name] = (this.endings[name] ?? 0) + 1
    for (const opcode of executed) this.executed.add(opcode)
  }
}
