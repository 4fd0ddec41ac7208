/**
 * Makes and signs releases. Every change ends with the timestamp, which is replaced in one step: devices see all of it or nothing.
 * @see https://theupdateframework.github.io/specification/latest/ §6.2 (consistent snapshots)
 */
import { type Clock, ConfigError, type Random } from '../protocol/index.ts'
import {
  checkRollout,
  checkVersion,
  ReleaseError,
  type Rollout,
  releaseTargetPath,
} from '../protocol/releases/index.ts'
import { inspectArchive } from './inspect-archive.ts'
import { type KeyFolder, makeKey, ROLES, type Role, type RoleKey, readKeys, retireKey } from './keys.ts'
import { type RootContent, type SignedRelease, signRoot, signSnapshot, signTargets, signTimestamp } from './metadata.ts'
import { makeFolders, type Published, readPublished, writeMetadata, writeTarget } from './published-files.ts'

export interface RepositoryComponents {
  readonly clock: Clock
  readonly random: Random
}

export interface RepositoryInit {
  /** What is published. */
  readonly dir: string
  readonly keys: KeyFolder
}

/** How many keys sign for a role, and how many of them are enough. */
export interface RolePlan {
  readonly keys: number
  readonly threshold: number
}

/** What a role says of itself. */
export interface RoleStatus extends RolePlan {
  readonly role: Role
  readonly version: number
  readonly expiresMs: number
  /** Keys of it that are in the folder of keys; null when they cannot be opened now. */
  readonly keysHere: number | null
}

export interface RepositoryStatus {
  readonly roles: readonly RoleStatus[]
  /** Newest last, as they were added. */
  readonly releases: readonly SignedRelease[]
}

const DAY_MS = 86_400_000
const KEYS_MAX = 16

/**
 * How long what a role signs counts. The timestamp is what notices that somebody holds updates back, so it is short and renewed by
 * `release refresh` every day; root is signed by people.
 */
export const LIFETIME_MS: Readonly<Record<Role, number>> = {
  root: 365 * DAY_MS,
  targets: 180 * DAY_MS,
  snapshot: 30 * DAY_MS,
  timestamp: 7 * DAY_MS,
}

/** Two of three people for the root; one key for each other role. */
export const ROLE_PLANS: Readonly<Record<Role, RolePlan>> = {
  root: { keys: 3, threshold: 2 },
  targets: { keys: 1, threshold: 1 },
  snapshot: { keys: 1, threshold: 1 },
  timestamp: { keys: 1, threshold: 1 },
}

export class ReleaseRepository {
  readonly #parts: RepositoryComponents
  readonly #init: RepositoryInit

  constructor(parts: RepositoryComponents, init: RepositoryInit) {
    this.#parts = parts
    this.#init = init
  }

  /**
   * Makes the keys and publishes an empty list.
   * @throws {ConfigError} `bad_option` when something is published there, or a threshold cannot be met
   */
  init(plans: Readonly<Record<Role, RolePlan>> = ROLE_PLANS): void {
    const { dir, keys } = this.#init
    for (const role of ROLES) checkPlan(role, plans[role])
    makeFolders(dir)
    const made = ROLES.map(role => ({ role, keys: this.#makeKeys(role, plans[role].keys) }))
    const roles = made.map(({ role, keys }) => [
      role,
      { keyIds: keys.map(({ keyId }) => keyId), threshold: plans[role].threshold },
    ])
    const content: RootContent = {
      version: 1,
      expiresMs: this.#expiry('root'),
      roles: Object.fromEntries(roles) as RootContent['roles'],
      publicHex: Object.fromEntries(made.flatMap(({ keys }) => keys.map(key => [key.keyId, key.publicHex]))),
    }
    const rootBytes = signRoot(content, readKeys(keys, 'root'))
    writeMetadata(dir, '1.root', rootBytes)
    this.#publish({ root: content, targetsVersion: 1, snapshotVersion: 1, timestampVersion: 1, releases: [] })
  }

  /**
   * Publishes an archive.
   * @param rollout - who takes it at first
   * @throws {ReleaseError} when the archive is not one, is of another version, or the version is published
   */
  async add(archivePath: string, version: string, rollout: Rollout): Promise<SignedRelease> {
    const published = readPublished(this.#init.dir)
    const facts = await inspectArchive(archivePath)
    if (facts.version !== checkVersion(version)) throw badRelease(archivePath, `it holds version ${facts.version}`)
    if (published.targets.releases.some(release => release.facts.version === version)) {
      throw badRelease(archivePath, `version ${version} is published already, and a version never changes`)
    }
    const { nodeMin, files, unpackedBytes, lengthBytes, sha256 } = facts
    const release: SignedRelease = {
      facts: { version, nodeMin, rollout: checkRollout(rollout), unpackedBytes, files },
      lengthBytes,
      sha256,
    }
    writeTarget(this.#init.dir, `${sha256}.${releaseTargetPath(version)}`, archivePath)
    this.#publishReleases(published, [...published.targets.releases, release])
    return release
  }

  /**
   * Changes who takes a version.
   * @param changes - regions that are not named keep what they have
   * @throws {ReleaseError} `bad_release` when there is no such version
   */
  setRollout(version: string, changes: Rollout): SignedRelease {
    const published = readPublished(this.#init.dir)
    const before = published.targets.releases.find(({ facts }) => facts.version === version)
    if (before === undefined) throw badRelease(this.#init.dir, `version ${version} is not published there`)
    const rollout = checkRollout({ ...before.facts.rollout, ...changes })
    const release = { ...before, facts: { ...before.facts, rollout } }
    this.#publishReleases(
      published,
      published.targets.releases.map(other => (other === before ? release : other)),
    )
    return release
  }

  /** Signs snapshot and timestamp anew; targets and root too once half of their time is over, if their keys are here. */
  refresh(): void {
    const { dir, keys } = this.#init
    const published = readPublished(dir)
    if (this.#isHalfOver('root', published.root.expiresMs) && this.#has('root', published.root)) {
      const root = { ...published.root, version: published.root.version + 1, expiresMs: this.#expiry('root') }
      writeMetadata(dir, `${root.version}.root`, signRoot(root, ofRole(readKeys(keys, 'root'), root, 'root')))
      this.#refreshBelow({ ...published, root })
    } else this.#refreshBelow(published)
  }

  /**
   * Replaces the keys of a role by as many new ones. Devices follow, since the old keys of the root sign who is trusted next.
   * @throws {ConfigError} `not_found` when too few keys are here
   */
  rotate(role: Role): void {
    const { dir, keys } = this.#init
    const published = readPublished(dir)
    const { root } = published
    const old = readKeys(keys, role)
    const rootSigners = this.#signers('root', root)
    const made = this.#makeKeys(role, root.roles[role].keyIds.length)
    const { threshold } = root.roles[role]
    const roles = { ...root.roles, [role]: { keyIds: made.map(({ keyId }) => keyId), threshold } }
    const used = new Set(ROLES.flatMap(name => roles[name].keyIds))
    const publicHex = Object.fromEntries(
      [...Object.entries(root.publicHex), ...made.map(key => [key.keyId, key.publicHex] as const)].filter(([id]) =>
        used.has(id),
      ),
    )
    const next = { ...root, version: root.version + 1, expiresMs: this.#expiry('root'), roles, publicHex }
    writeMetadata(
      dir,
      `${next.version}.root`,
      signRoot(next, role === 'root' ? [...rootSigners, ...made] : rootSigners),
    )
    if (role === 'targets') this.#publishReleases({ ...published, root: next }, published.targets.releases)
    else this.#refreshBelow({ ...published, root: next })
    for (const key of old) retireKey(keys, key)
  }

  status(): RepositoryStatus {
    const { root, targets, snapshot, timestamp } = readPublished(this.#init.dir)
    const stamps = { root, targets, snapshot, timestamp }
    const roles = ROLES.map(role => ({
      role,
      version: stamps[role].version,
      expiresMs: stamps[role].expiresMs,
      keys: root.roles[role].keyIds.length,
      threshold: root.roles[role].threshold,
      keysHere: this.#keysHere(role, root),
    }))
    return { roles, releases: targets.releases }
  }

  #keysHere(role: Role, root: RootContent): number | null {
    try {
      return ofRole(readKeys(this.#init.keys, role), root, role).length
    } catch (thrown) {
      if (thrown instanceof ConfigError) return null
      throw thrown
    }
  }

  #refreshBelow(published: Published): void {
    const { root, targets, targetsBytes, snapshot, timestamp } = published
    const isDue = !published.targetsTrusted || this.#isHalfOver('targets', targets.expiresMs)
    if (isDue && this.#has('targets', root)) this.#publishReleases(published, targets.releases)
    else {
      const reference = { version: targets.version, bytes: targetsBytes }
      this.#publishSnapshot(root, reference, snapshot.version + 1, timestamp.version + 1)
    }
  }

  #publishReleases({ root, targets, snapshot, timestamp }: Published, releases: readonly SignedRelease[]): void {
    this.#publish({
      root,
      targetsVersion: targets.version + 1,
      snapshotVersion: snapshot.version + 1,
      timestampVersion: timestamp.version + 1,
      releases,
    })
  }

  #publish(next: {
    root: RootContent
    targetsVersion: number
    snapshotVersion: number
    timestampVersion: number
    releases: readonly SignedRelease[]
  }): void {
    const { root, targetsVersion: version, releases } = next
    const bytes = signTargets({ version, expiresMs: this.#expiry('targets') }, releases, this.#signers('targets', root))
    writeMetadata(this.#init.dir, `${version}.targets`, bytes)
    this.#publishSnapshot(root, { version, bytes }, next.snapshotVersion, next.timestampVersion)
  }

  #publishSnapshot(
    root: RootContent,
    targets: { version: number; bytes: Uint8Array },
    version: number,
    timestampVersion: number,
  ): void {
    const { dir } = this.#init
    const signers = [this.#signers('snapshot', root), this.#signers('timestamp', root)] as const
    const bytes = signSnapshot({ version, expiresMs: this.#expiry('snapshot') }, targets, signers[0])
    writeMetadata(dir, `${version}.snapshot`, bytes)
    const stamp = { version: timestampVersion, expiresMs: this.#expiry('timestamp') }
    writeMetadata(dir, 'timestamp', signTimestamp(stamp, { version, bytes }, this.#parts.clock.wallMs(), signers[1]))
  }

  #makeKeys(role: Role, count: number): RoleKey[] {
    return Array.from({ length: count }, () => makeKey(this.#init.keys, role, this.#parts.random))
  }

  #expiry(role: Role): number {
    return this.#parts.clock.wallMs() + LIFETIME_MS[role]
  }

  #isHalfOver(role: Role, expiresMs: number): boolean {
    return expiresMs - this.#parts.clock.wallMs() < LIFETIME_MS[role] / 2
  }

  #has(role: Role, root: RootContent): boolean {
    return ofRole(readKeys(this.#init.keys, role), root, role).length >= root.roles[role].threshold
  }

  /** @throws {ConfigError} `not_found` when there are too few */
  #signers(role: Role, root: RootContent): RoleKey[] {
    const { path } = this.#init.keys
    const found = ofRole(readKeys(this.#init.keys, role), root, role)
    const { threshold } = root.roles[role]
    if (found.length >= threshold) return found
    const message = `${threshold} keys of the role ${role} have to sign, and ${found.length} are in ${path}: bring the others, or name their folder with --keys.`
    throw new ConfigError({ code: 'not_found', path }, message)
  }
}

const ofRole = (keys: readonly RoleKey[], root: RootContent, role: Role): RoleKey[] =>
  keys.filter(({ keyId }) => root.roles[role].keyIds.includes(keyId))

function checkPlan(role: Role, { keys, threshold }: RolePlan): void {
  if (keys >= 1 && keys <= KEYS_MAX && threshold >= 1 && threshold <= keys) return
  const reason = `${threshold} of ${keys} keys of the role ${role} cannot sign; there are 1 to ${KEYS_MAX} keys`
  throw new ConfigError({ code: 'bad_option', path: role, reason }, `The keys cannot be made: ${reason}.`)
}

function badRelease(path: string, reason: string): ReleaseError {
  return new ReleaseError(
    { code: 'bad_release', path, reason },
    `The release of ${path} cannot be published: ${reason}.`,
  )
}
