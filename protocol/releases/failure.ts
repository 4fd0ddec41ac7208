import { HedgerowError } from '../errors.ts'

export type ReleaseFailure =
  | { code: 'bad_version'; value: string }
  | { code: 'bad_rollout'; value: string; reason: string }
  | { code: 'bad_archive'; entry: string; reason: string }
  | { code: 'bad_release'; path: string; reason: string }
  | { code: 'no_trust'; path: string }
  | { code: 'refused'; address: string; reason: string }
  | { code: 'expired'; address: string; reason: string }
  | { code: 'wrong_target'; version: string; reason: string }
  | { code: 'no_space'; path: string; neededBytes: number; freeBytes: number }

/** A release, or what is signed about releases, cannot be used. */
export class ReleaseError extends HedgerowError<ReleaseFailure> {}
