/** What all checks of rows share. */
import type { Hash } from '../../protocol/index.ts'
import type { Problems } from '../problems.ts'
import type { Replay } from '../replay/replay.ts'
import type { RuleCode } from '../rules.ts'
import type { Database, Row } from './open.ts'

/** A database, the replay of its log, and where broken rules are told. */
export interface RowScene {
  readonly db: Database
  readonly hash: Hash
  readonly replay: Replay
  readonly problems: Problems
}

/**
 * States that a question to the database has no answer: each row of one breaks the rule.
 * @param sentence - what is wrong with a row
 */
export function expectNone(
  { db, problems }: RowScene,
  rule: RuleCode,
  sql: string,
  sentence: (row: Row) => string,
): void {
  for (const row of db.each(sql)) problems.add(rule, null, sentence(row))
}
