/** What all rules share: the accounts, the rules about money in force, and where broken rules are told. */
import type { PolicyEntry } from '../../protocol/index.ts'
import type { Problems } from '../problems.ts'
import type { RuleCode } from '../rules.ts'
import { Accounts } from './accounts.ts'

/** The state of a replay at one entry. */
export class Scene {
  readonly accounts = new Accounts()
  readonly problems: Problems
  /** Index of the entry that is looked at. */
  index = 0
  policy: PolicyEntry | null = null

  constructor(problems: Problems) {
    this.problems = problems
  }

  /** The entry that is looked at breaks a rule. */
  broken(rule: RuleCode, message: string): void {
    this.problems.add(rule, this.index, `Entry ${this.index}: ${message}`)
  }
}
