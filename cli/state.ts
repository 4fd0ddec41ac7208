/** The region's folder: where the command finds a running coordinator and keeps submitters' tokens. */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../protocol/index.ts'
import type { Io } from './io.ts'

const STATE_DEFAULT = '.hedgerow'

/** What a coordinator writes about itself when it starts, readable by its user only. */
export interface AdminFile {
  readonly httpUrl: string
  readonly mqttUrl: string
  readonly region: string
  readonly adminToken: string
  /** The certificate of the region's own TLS authority; null where it has none. */
  readonly caPem: string | null
}

/** The folder given with `--state`, in `$HEDGEROW_STATE`, or `./.hedgerow`. */
export function stateFolder(io: Io, option: string | undefined): string {
  return resolve(io.cwd, option ?? (io.env.HEDGEROW_STATE || STATE_DEFAULT))
}

/** The coordinator's own folder within the region's. */
export function coordinatorFolder(state: string): string {
  return join(state, 'coordinator')
}

/**
 * How to reach the coordinator that keeps its state in this folder.
 * @throws {ConfigError} `not_found` when none was started there, `damaged` when the file is not what it should be
 */
export function readAdminFile(state: string): AdminFile {
  const path = join(coordinatorFolder(state), 'admin.json')
  const fields = readJsonObject(path)
  if (fields === null) {
    const message =
      `No coordinator was started with the folder ${state}: start one with 'hedgerow up', ` +
      `name its folder with --state, or set HEDGEROW_URL and HEDGEROW_TOKEN.`
    throw new ConfigError({ code: 'not_found', path }, message)
  }
  const text = (name: string): string => {
    const value = fields[name]
    if (typeof value !== 'string') throw damaged(path, `'${name}' is missing`)
    return value
  }
  return {
    httpUrl: text('httpUrl'),
    mqttUrl: text('mqttUrl'),
    region: text('region'),
    adminToken: text('adminToken'),
    caPem: typeof fields.caPem === 'string' ? fields.caPem : null,
  }
}

/** Tokens of the submitters that were added from here, by name. */
export function readSubmitterTokens(state: string): Record<string, string> {
  const path = submittersPath(state)
  const fields = readJsonObject(path) ?? {}
  for (const [name, token] of Object.entries(fields)) {
    if (typeof token !== 'string') throw damaged(path, `the token of '${name}' is not a text`)
  }
  return fields as Record<string, string>
}

/** Keeps a submitter's token, readable by this user only. */
export function saveSubmitterToken(state: string, name: string, token: string): void {
  const tokens = { ...readSubmitterTokens(state), [name]: token }
  mkdirSync(state, { recursive: true })
  writePrivately(submittersPath(state), `${JSON.stringify(tokens, null, 2)}\n`)
}

function submittersPath(state: string): string {
  return join(state, 'submitters.json')
}

function writePrivately(path: string, text: string): void {
  const temporary = `${path}.new`
  writeFileSync(temporary, text, { mode: 0o600 })
  // The mode above counts only when the file is new.
  chmodSync(temporary, 0o600)
  renameSync(temporary, path)
}

function readJsonObject(path: string): Record<string, unknown> | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (cause) {
    throw damaged(path, 'it is not JSON', { cause })
  }
  throw damaged(path, 'it is not a JSON object')
}

function damaged(path: string, reason: string, options?: ErrorOptions): ConfigError {
  const message = `The file ${path} cannot be used: ${reason}. Remove it and start the coordinator again.`
  return new ConfigError({ code: 'damaged', path, reason }, message, options)
}
