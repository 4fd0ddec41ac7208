/** Signed metadata of The Update Framework: what the library of that name makes and checks. Times are milliseconds since 1970. */
import { createHash } from 'node:crypto'
import {
  Key,
  Metadata,
  MetadataKind,
  MetaFile,
  Root,
  Signature,
  Snapshot,
  TargetFile,
  Targets,
  Timestamp,
} from '@tufjs/models'
import { assert } from '../protocol/index.ts'
import { ISSUED_FIELD, type ReleaseFacts, readReleaseFacts, releaseTargetPath } from '../protocol/releases/index.ts'
import { ROLES, type Role, type RoleKey } from './keys.ts'

const SPEC_VERSION = '1.0.31'

/** What every role says of itself. */
export interface Stamp {
  readonly version: number
  readonly expiresMs: number
}

/** One release as it is signed. */
export interface SignedRelease {
  readonly facts: ReleaseFacts
  readonly lengthBytes: number
  readonly sha256: string
}

/** Whose signatures count for a role, and how many of them are needed. */
export interface RoleTrust {
  readonly keyIds: readonly string[]
  readonly threshold: number
}

export interface RootContent extends Stamp {
  readonly roles: Readonly<Record<Role, RoleTrust>>
  /** 32 bytes in hexadecimal, by key id. */
  readonly publicHex: Readonly<Record<string, string>>
}

/** Metadata by its name without version, such as `snapshot`: what another role refers to. */
export interface Reference {
  readonly version: number
  readonly bytes: Uint8Array
}

export function signRoot(content: RootContent, keys: readonly RoleKey[]): Uint8Array {
  const root = new Root({ ...common(content), consistentSnapshot: true })
  for (const role of ROLES) {
    const { keyIds, threshold } = content.roles[role]
    for (const keyID of keyIds) root.addKey(keyOf(keyID, content.publicHex[keyID] ?? ''), role)
    Object.assign(root.roles[role] ?? {}, { threshold })
  }
  return signed(new Metadata(root), keys)
}

export function signTargets(stamp: Stamp, releases: readonly SignedRelease[], keys: readonly RoleKey[]): Uint8Array {
  const targets = new Targets(common(stamp))
  for (const { facts, lengthBytes, sha256 } of releases) {
    const path = releaseTargetPath(facts.version)
    const custom = { ...facts, rollout: { ...facts.rollout } }
    targets.addTarget(new TargetFile({ path, length: lengthBytes, hashes: { sha256 }, unrecognizedFields: { custom } }))
  }
  return signed(new Metadata(targets), keys)
}

export function signSnapshot(stamp: Stamp, targets: Reference, keys: readonly RoleKey[]): Uint8Array {
  return signed(new Metadata(new Snapshot({ ...common(stamp), meta: { 'targets.json': metaFile(targets) } })), keys)
}

/** @param issuedMs - now, for devices without a clock */
export function signTimestamp(
  stamp: Stamp,
  snapshot: Reference,
  issuedMs: number,
  keys: readonly RoleKey[],
): Uint8Array {
  const unrecognizedFields = { [ISSUED_FIELD]: Math.floor(issuedMs / 1_000) }
  return signed(
    new Metadata(new Timestamp({ ...common(stamp), snapshotMeta: metaFile(snapshot), unrecognizedFields })),
    keys,
  )
}

/** @throws when it is no root, or not signed by its own keys */
export function readRoot(bytes: Uint8Array): RootContent {
  const metadata = Metadata.fromJSON(MetadataKind.Root, parse(bytes))
  metadata.verifyDelegate('root', metadata)
  const { keys, roles } = metadata.signed
  const trust = ROLES.map(role => [role, { keyIds: roles[role]?.keyIDs ?? [], threshold: roles[role]?.threshold ?? 1 }])
  return {
    ...stampOf(metadata.signed),
    roles: Object.fromEntries(trust) as Record<Role, RoleTrust>,
    publicHex: Object.fromEntries(Object.entries(keys).map(([id, key]) => [id, key.keyVal.public ?? ''])),
  }
}

/** @throws when it is not what it should be, or the root's keys did not sign it */
export function readTargets(root: Uint8Array, bytes: Uint8Array): Stamp & { releases: SignedRelease[] } {
  const metadata = Metadata.fromJSON(MetadataKind.Targets, parse(bytes))
  verify(root, 'targets', metadata)
  const releases = Object.values(metadata.signed.targets).map(target => ({
    facts: readReleaseFacts(target.path, target.custom),
    lengthBytes: target.length,
    sha256: target.hashes.sha256 ?? '',
  }))
  return { ...stampOf(metadata.signed), releases }
}

/** @returns also the version of the targets that count. @throws as {@link readTargets} */
export function readSnapshot(root: Uint8Array, bytes: Uint8Array): Stamp & { targetsVersion: number } {
  const metadata = Metadata.fromJSON(MetadataKind.Snapshot, parse(bytes))
  verify(root, 'snapshot', metadata)
  return { ...stampOf(metadata.signed), targetsVersion: metadata.signed.meta['targets.json']?.version ?? 0 }
}

/** @returns also the version of the snapshot that counts. @throws as {@link readTargets} */
export function readTimestamp(root: Uint8Array, bytes: Uint8Array): Stamp & { snapshotVersion: number } {
  const metadata = Metadata.fromJSON(MetadataKind.Timestamp, parse(bytes))
  verify(root, 'timestamp', metadata)
  return { ...stampOf(metadata.signed), snapshotVersion: metadata.signed.snapshotMeta.version }
}

type AnyMetadata = Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>

function verify(root: Uint8Array, role: Role, metadata: AnyMetadata): void {
  Metadata.fromJSON(MetadataKind.Root, parse(root)).verifyDelegate(role, metadata)
}

function signed(metadata: AnyMetadata, keys: readonly RoleKey[]): Uint8Array {
  assert(keys.length > 0, 'somebody signs')
  for (const key of keys) {
    metadata.sign(bytes => new Signature({ keyID: key.keyId, sig: Buffer.from(key.sign(bytes)).toString('hex') }))
  }
  return Buffer.from(`${JSON.stringify(metadata.toJSON())}\n`)
}

function common({ version, expiresMs }: Stamp) {
  return { version, specVersion: SPEC_VERSION, expires: `${new Date(expiresMs).toISOString().slice(0, 19)}Z` }
}

function stampOf({ version, expires }: { version: number; expires: string }): Stamp {
  return { version, expiresMs: Date.parse(expires) }
}

function keyOf(keyID: string, publicHex: string): Key {
  return new Key({ keyID, keyType: 'ed25519', scheme: 'ed25519', keyVal: { public: publicHex } })
}

function metaFile({ version, bytes }: Reference): MetaFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return new MetaFile({ version, length: bytes.length, hashes: { sha256 } })
}

function parse(bytes: Uint8Array) {
  return JSON.parse(Buffer.from(bytes).toString('utf8'))
}
