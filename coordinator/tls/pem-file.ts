/** Files of keys and certificates: read whole or not at all, written whole or not at all, for this user only. */
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { ConfigError } from '../../protocol/index.ts'

const READABLE_BY_OTHERS = 0o077

/**
 * The text of a file that only its user may read; null when there is none.
 * @param name - how to speak of it, such as `authority's key`
 * @throws {ConfigError} `bad_option` when others may read it or it cannot be read
 */
export function readPrivate(path: string, name: string): string | null {
  try {
    if ((statSync(path).mode & READABLE_BY_OTHERS) !== 0) throw exposed(path, name)
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown
    if (codeOf(thrown) === 'ENOENT') return null
    throw unreadable(path, name, thrown)
  }
}

/** The text of a file. @throws {ConfigError} `not_found`, or `bad_option` when it cannot be read */
export function readText(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw unreadable(path, name, thrown)
    const message = `There is no file ${path}, which was named as the ${name}: check its path.`
    throw new ConfigError({ code: 'not_found', path }, message, { cause: thrown })
  }
}

/** Writes a file for this user only; a power cut leaves the old one or the new one. */
export function writePrivate(path: string, text: string): void {
  const draft = `${path}.new`
  const file = openSync(draft, 'w', 0o600)
  try {
    // The mode above counts only when the file is new.
    chmodSync(draft, 0o600)
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
}

function exposed(path: string, name: string): ConfigError {
  const message =
    `The ${name} ${path} can be read by other users of this machine: run 'chmod 600 ${path}'. If somebody may have copied it, ` +
    'they can pose as this region: remove the folder and give every device a new claim.'
  return new ConfigError({ code: 'bad_option', path, reason: 'readable by others' }, message)
}

function unreadable(path: string, name: string, cause: unknown): ConfigError {
  const reason = `it cannot be read (${codeOf(cause)})`
  return new ConfigError({ code: 'bad_option', path, reason }, `The ${name} ${path} cannot be used: ${reason}.`, {
    cause,
  })
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'no code'
}
