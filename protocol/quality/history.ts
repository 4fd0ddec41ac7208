import { stretchMsMax } from './constant.ts'
import { JUMP_HISTORY_MS } from './jump.ts'
import type { QualityRules } from './types.ts'
import { HISTORY_MS } from './version.ts'

/**
 * How far before a window readings can matter to its verdicts: whoever gathers more only gathers more. At most {@link HISTORY_MS}.
 * @see spec/quality.md [QC-4.4]
 */
export function historyMsOf({ jump, constant }: Pick<QualityRules, 'jump' | 'constant'>, periodMs: number): number {
  const forJumps = jump === null ? 0 : JUMP_HISTORY_MS
  const forFlatLines = constant === null ? 0 : stretchMsMax(constant, periodMs)
  return Math.min(HISTORY_MS, Math.max(forJumps, forFlatLines))
}
