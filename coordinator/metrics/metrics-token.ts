/** A token that reads metrics and nothing else, for whoever collects them. The operator's own changes at every start. */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { ConfigError, messageOf, type Random, toBase32 } from '../../protocol/index.ts'

const TOKEN_BYTES = 24
const FORM = /^[a-z2-7]{39}$/

/**
 * Reads the token, or makes one when there is no file. Prometheus takes the file as it is: `authorization: {credentials_file: …}`.
 * @throws {ConfigError} `damaged` when the file holds something else, `bad_option` when it cannot be read or made
 */
export function openMetricsToken(path: string, random: Random): string {
  try {
    const descriptor = openSync(path, 'wx', 0o600)
    try {
      const token = toBase32(random.bytes(TOKEN_BYTES))
      writeSync(descriptor, token)
      fsyncSync(descriptor)
      return token
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return existing(path)
    const message = `The file ${path} cannot be made (${messageOf(cause)}): give this user access to its folder.`
    throw new ConfigError({ code: 'bad_option', path, reason: 'not_usable' }, message, { cause })
  }
}

function existing(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'latin1').trim()
  } catch (cause) {
    const message = `The file ${path} cannot be read (${messageOf(cause)}): give this user access to it.`
    throw new ConfigError({ code: 'bad_option', path, reason: 'not_usable' }, message, { cause })
  }
  if (FORM.test(text)) return text
  const message = `The file ${path} holds no metrics token: remove it, and the next start makes a new one.`
  throw new ConfigError({ code: 'damaged', path, reason: 'it is no token' }, message)
}
