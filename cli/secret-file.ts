/** Files that hold claims: opened before there is anything to lose, and for this user only. */
import { chmodSync, closeSync, openSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError, messageOf } from '../protocol/index.ts'

export interface SecretFile {
  readonly path: string
  write(content: string | Uint8Array): void
}

/**
 * Makes sure that a file can be written; null for none.
 * @throws {ConfigError} `bad_option` when it cannot
 */
export function openSecretFile(cwd: string, name: string | undefined): SecretFile | null {
  if (name === undefined) return null
  const path = resolve(cwd, name)
  try {
    closeSync(openSync(path, 'a', 0o600))
    // The mode above counts only when the file is new.
    chmodSync(path, 0o600)
  } catch (cause) {
    const reason = `it cannot be written (${messageOf(cause)})`
    throw new ConfigError({ code: 'bad_option', path, reason }, `The file ${path} cannot be used: ${reason}.`, {
      cause,
    })
  }
  return { path, write: content => writeFileSync(path, content) }
}
