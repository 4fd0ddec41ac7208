/** The keys that sign releases: one file each, in a folder apart from what is published. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, type Random } from '../protocol/index.ts'

/** Who signs what: root says whose keys count, targets what releases there are, snapshot and timestamp which metadata is the newest. */
export const ROLES = ['root', 'targets', 'snapshot', 'timestamp'] as const
export type Role = (typeof ROLES)[number]

export interface RoleKey {
  readonly role: Role
  /** SHA-256 of the canonical JSON of the public key, in hexadecimal. */
  readonly keyId: string
  /** 32 bytes in hexadecimal. */
  readonly publicHex: string
  sign(bytes: Uint8Array): Uint8Array
}

/** Where keys are, and what opens them. */
export interface KeyFolder {
  readonly path: string
  /** Null when their files are only kept from other users. */
  readonly passphrase: string | null
}

const READABLE_BY_OTHERS = 0o077
/** What stands before an Ed25519 seed in PKCS #8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Makes a key, readable by this user only and encrypted when there is a passphrase. */
export function makeKey({ path, passphrase }: KeyFolder, role: Role, random: Random): RoleKey {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const der = Buffer.concat([PKCS8_PREFIX, random.bytes(32)])
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const key = roleKey(role, secret)
  const pem = secret.export({
    type: 'pkcs8',
    format: 'pem',
    ...(passphrase === null ? {} : { cipher: 'aes-256-cbc', passphrase }),
  })
  writeFileSync(fileOf(path, key), pem, { mode: 0o600, flag: 'wx', flush: true })
  return key
}

/**
 * The keys of a role that are here.
 * @throws {ConfigError} `bad_option` when others may read one, or the passphrase is wrong or missing
 */
export function readKeys({ path, passphrase }: KeyFolder, role: Role): RoleKey[] {
  if (!existsSync(path)) return []
  const names = readdirSync(path).filter(name => name.startsWith(`${role}-`) && name.endsWith('.pem'))
  return names.sort().map(name => roleKey(role, readSecret(join(path, name), passphrase)))
}

/** Takes a key out of use; its file goes into the folder `retired`. */
export function retireKey({ path }: KeyFolder, key: RoleKey): void {
  const retired = join(path, 'retired')
  mkdirSync(retired, { recursive: true, mode: 0o700 })
  renameSync(fileOf(path, key), fileOf(retired, key))
}

function readSecret(path: string, passphrase: string | null): KeyObject {
  if ((statSync(path).mode & READABLE_BY_OTHERS) !== 0) {
    const message = `The signing key ${path} can be read by other users of this machine: run 'chmod 600 ${path}', and rotate it if they may have copied it.`
    throw new ConfigError({ code: 'bad_option', path, reason: 'readable by others' }, message)
  }
  try {
    const secret = createPrivateKey({ key: readFileSync(path), format: 'pem', passphrase: passphrase ?? '' })
    if (secret.asymmetricKeyType === 'ed25519') return secret
  } catch (cause) {
    const reason =
      passphrase === null ? 'it is damaged or needs a passphrase' : 'it is damaged or has another passphrase'
    const message = `The signing key ${path} cannot be opened: ${reason}. Name a file with the passphrase by --passphrase-file.`
    throw new ConfigError({ code: 'bad_option', path, reason }, message, { cause })
  }
  throw new ConfigError({ code: 'damaged', path, reason: 'no Ed25519 key' }, `The file ${path} holds no Ed25519 key.`)
}

function roleKey(role: Role, secret: KeyObject): RoleKey {
  const spki = createPublicKey(secret).export({ type: 'spki', format: 'der' })
  const publicHex = spki.subarray(-32).toString('hex')
  const canonical = `{"keytype":"ed25519","keyval":{"public":"${publicHex}"},"scheme":"ed25519"}`
  const keyId = createHash('sha256').update(canonical).digest('hex')
  return { role, keyId, publicHex, sign: bytes => sign(null, bytes, secret) }
}

const fileOf = (folder: string, { role, keyId }: RoleKey): string => join(folder, `${role}-${keyId.slice(0, 12)}.pem`)
