/** What is signed about a release besides its length and hash: the `custom` field of its TUF target. */
import { ReleaseError } from './failure.ts'
import { checkRollout, type Rollout } from './rollout.ts'
import { isVersion } from './version.ts'

export interface ReleaseFacts {
  readonly version: string
  /** The oldest Node that runs it, such as `24.0.0`. */
  readonly nodeMin: string
  readonly rollout: Rollout
  /** Bytes and files when unpacked. */
  readonly unpackedBytes: number
  readonly files: number
}

/** What keeps a release from filling a card, on both sides. The package with its production modules has about 50 MB in 4 000 files. */
export const RELEASE_LIMITS = {
  /** Compressed. */
  archiveBytesMax: 256 * 1024 * 1024,
  unpackedBytesMax: 512 * 1024 * 1024,
  filesMax: 30_000,
  pathBytesMax: 512,
} as const

/** In the timestamp role: when it was made, in seconds since 1970. A device without a clock knows that it is not earlier. */
export const ISSUED_FIELD = 'x-hedgerow-issued'

/** The only program a device starts of a release. */
export const RELEASE_ENTRY = 'dist/cli/main.js'

/** The target's name in the repository, which is also the file's after its hash. */
export function releaseTargetPath(version: string): string {
  return `hedgerow-${version}.tgz`
}

/**
 * Reads the `custom` field of a target.
 * @param path - the target's, for the message
 * @throws {ReleaseError} `bad_release` or `bad_rollout`
 */
export function readReleaseFacts(path: string, custom: unknown): ReleaseFacts {
  const { version, nodeMin, rollout, unpackedBytes, files } = (custom ?? {}) as Record<string, unknown>
  if (typeof version !== 'string' || !isVersion(version)) throw bad(path, 'its version is not one')
  if (path !== releaseTargetPath(version)) throw bad(path, `it says that it is version ${version}`)
  if (typeof nodeMin !== 'string' || !isVersion(nodeMin)) throw bad(path, 'the Node it needs is not a version')
  return {
    version,
    nodeMin,
    rollout: checkRollout(rollout),
    unpackedBytes: bounded(path, 'unpackedBytes', unpackedBytes, RELEASE_LIMITS.unpackedBytesMax),
    files: bounded(path, 'files', files, RELEASE_LIMITS.filesMax),
  }
}

function bounded(path: string, name: string, value: unknown, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) return value
  throw bad(path, `${name} is not a whole number from 1 to ${max}`)
}

function bad(path: string, reason: string): ReleaseError {
  const shown = path.slice(0, 128)
  return new ReleaseError(
    { code: 'bad_release', path: shown, reason },
    `The release ${shown} cannot be used: ${reason}.`,
  )
}
