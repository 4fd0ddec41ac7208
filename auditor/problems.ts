/** Collects broken rules: the first hundred and the first of every rule in words, the rest as a number. */
import type { RuleCode } from './rules.ts'

export interface Problem {
  readonly rule: RuleCode
  /** Index of the entry that broke it; null when it is no single one. */
  readonly entry: number | null
  /** What was expected and what was found. */
  readonly message: string
}

/** Listed whatever they are. */
export const PROBLEMS_MAX = 100

export class Problems {
  readonly list: Problem[] = []
  /** Those that are not listed included. */
  count = 0
  private readonly seen = new Set<RuleCode>()
  private readonly ignored: ReadonlySet<RuleCode>

  /** @param ignored - rules that are not looked at */
  constructor(ignored: Iterable<RuleCode> = []) {
    this.ignored = new Set(ignored)
  }

  add(rule: RuleCode, entry: number | null, message: string): void {
    if (this.ignored.has(rule)) return
    this.count++
    if (this.list.length < PROBLEMS_MAX || !this.seen.has(rule)) this.list.push({ rule, entry, message })
    this.seen.add(rule)
  }
}
