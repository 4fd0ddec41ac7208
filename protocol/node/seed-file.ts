/** An Ed25519 seed in a file that only its own user can read: the key of a device, or of a region. */
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { toHex } from '../bytes.ts'
import { ConfigError } from '../errors.ts'
import type { Random } from '../random.ts'
import { generateSeed } from './ed25519.ts'

/** How to speak of a key file to the person who has to do something about it. */
export interface SeedFileWords {
  /** Such as `device key`. */
  readonly name: string
  /** What to do when others may have copied it, and when it is damaged: a sentence each. */
  readonly ifExposed: string
  readonly ifDamaged: string
}

const SEED_BYTES = 32
const READABLE_BY_OTHERS = 0o077

/**
 * Reads the seed, or makes one when there is no file.
 * @throws {ConfigError} `bad_option` when others may read it or it cannot be read or made, `damaged` when it is no key
 */
export function openSeedFile(path: string, random: Random, words: SeedFileWords): Uint8Array {
  let seed = readSeed(path, words)
  if (seed === null) {
    createSeed(path, random, words)
    seed = readSeed(path, words)
  }
  if (seed === null) throw unusable(path, words, 'it vanished while it was made')
  return seed
}

function readSeed(path: string, words: SeedFileWords): Uint8Array | null {
  let mode: number
  let seed: Uint8Array
  try {
    mode = statSync(path).mode
    seed = readFileSync(path)
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return null
    throw unusable(path, words, 'it cannot be read', cause)
  }
  if ((mode & READABLE_BY_OTHERS) !== 0) {
    const message = `The ${words.name} ${path} can be read by other users of this machine: run 'chmod 600 ${path}'. ${words.ifExposed}`
    throw new ConfigError({ code: 'bad_option', path, reason: 'readable by others' }, message)
  }
  if (seed.length !== SEED_BYTES) {
    const reason = `it has ${seed.length} bytes instead of ${SEED_BYTES}`
    const message = `The ${words.name} ${path} is damaged: ${reason}. ${words.ifDamaged}`
    throw new ConfigError({ code: 'damaged', path, reason }, message)
  }
  return seed
}

/** Written whole under another name first, so that a power cut never leaves half a key; an existing key is never replaced. */
function createSeed(path: string, random: Random, words: SeedFileWords): void {
  const draft = `${path}.${toHex(random.bytes(6))}.new`
  try {
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeSync(file, generateSeed(random))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    linkIfMissing(draft, path)
    unlinkSync(draft)
    syncFolder(dirname(path))
  } catch (cause) {
    throw unusable(path, words, 'it cannot be made', cause)
  }
}

function linkIfMissing(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (thrown) {
    // Another process was faster: its key is the key.
    if (!isCode(thrown, 'EEXIST')) throw thrown
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function unusable(path: string, { name }: SeedFileWords, reason: string, cause?: unknown): ConfigError {
  const message = `The ${name} ${path} cannot be used: ${reason}. Check that its folder exists and belongs to this user.`
  return new ConfigError({ code: 'bad_option', path, reason }, message, cause === undefined ? undefined : { cause })
}

function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code
}
