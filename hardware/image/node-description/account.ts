/** Name and account of a description. */
import type { NodeUser } from '../customise/types.ts'
import { inside, maybe, readForm, readLine, readList, readObject, refuse } from './fields.ts'

const KEYS_MAX = 16
const KEY_BYTES_MAX = 4_096
const KEY =
  /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{40,}={0,2}(?: .*)?$/
/** The forms of crypt(3) that Debian reads: yescrypt, SHA-512, SHA-256. */
const HASH = /^\$(?:y|6|5)\$[A-Za-z0-9./$=]{10,250}$/

/** A name that is a label of DNS. */
export function readHostname(value: unknown, path: string): string {
  const form = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
  return readForm(value, path, 255, form, "1 to 63 letters, digits and '-', not at the ends, such as 'meadow-7'")
}

/** Reads `user`. */
export function readUser(value: unknown, path: string): NodeUser {
  const fields = readObject(value, path, ['name', 'passwordHash', 'authorizedKeys'])
  const at = inside(path, 'name')
  const name = readForm(
    fields.name,
    at,
    32,
    /^[a-z_][a-z0-9_-]*$/,
    'lower-case letters, digits, _ and -, a letter first',
  )
  if (name === 'root') refuse(at, "is 'root', which is there already and stays locked: take another name")
  const keys = readList(fields.authorizedKeys ?? [], inside(path, 'authorizedKeys'), KEYS_MAX)
  return {
    name,
    ...maybe(fields, path, 'passwordHash', readHash),
    authorizedKeys: keys.map((key, index) => readKey(key, `${inside(path, 'authorizedKeys')}[${index}]`)),
  }
}

function readHash(value: unknown, path: string): string {
  return readForm(value, path, 256, HASH, "what 'openssl passwd -6' prints, not the password itself")
}

function readKey(value: unknown, path: string): string {
  if (typeof value === 'string' && value.includes('PRIVATE KEY')) {
    refuse(path, 'is a private key, which belongs on no card: take the one line of the file that ends in .pub')
  }
  const key = readLine(typeof value === 'string' ? value.trim() : value, path, KEY_BYTES_MAX)
  if (!KEY.test(key))
    refuse(path, "must be a public key such as 'ssh-ed25519 AAAA… ann@desk', the one line of a .pub file")
  return key
}
