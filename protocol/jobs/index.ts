/** What a job is: its checked specification, and how its input becomes units on both sides. */
export type { AggregateKind, AggregateSpec } from './aggregate-spec.ts'
export { type BlobCut, type BlobIndex, BlobIndexer } from './blob-index.ts'
export { cutRun } from './cut-run.ts'
export type { GridParameters, GridValue } from './grid.ts'
export { rangeUnitInput } from './range.ts'
export type { InlineSource, Source, StoredSource } from './source.ts'
export {
  type JobSpec,
  type ModuleTaskSpec,
  parseJobSpec,
  type StoredJobSpec,
  type TaskSettings,
  type TaskSpec,
  type VerifySpec,
} from './spec.ts'
export { parseStoredJobSpec, specToJson, storeInlineBytes } from './spec-json.ts'
export { cutOf, planSplit, type SplitInput, type SplitPlan } from './split.ts'
export type { BlobSplit, GridSplit, ItemsSplit, RangeSplit, SplitSpec } from './split-spec.ts'
