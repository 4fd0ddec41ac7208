/** What those who make releases and those who install them must understand alike. */
export { type ArchiveCount, ArchiveReader, type ArchiveSink } from './archive.ts'
export {
  ISSUED_FIELD,
  RELEASE_ENTRY,
  RELEASE_LIMITS,
  type ReleaseFacts,
  readReleaseFacts,
  releaseTargetPath,
} from './facts.ts'
export { ReleaseError, type ReleaseFailure } from './failure.ts'
export {
  checkRollout,
  ELSEWHERE,
  parseRollout,
  type Rollout,
  rolloutBucket,
  rolloutPercent,
} from './rollout.ts'
export { checkVersion, compareVersions, isVersion } from './version.ts'
