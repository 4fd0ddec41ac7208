/** Verdicts about readings. Versioned, and computed alike by whoever has the evidence. See spec/quality.md. */
export { explainVerdict } from './explain.ts'
export { codesOf, flag, isAccepted } from './flags.ts'
export { historyMsOf } from './history.ts'
export { judge, judgeNeighbours, judgeSeries } from './judge.ts'
export { DEFAULT_RULES, NO_RULES } from './rules.ts'
export * from './types.ts'
export { HISTORY_MS, QUALITY_VERSION } from './version.ts'
