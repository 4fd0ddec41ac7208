/** Which coordinator a command talks to, and as whom. */
import { ConfigError } from '../protocol/index.ts'
import { type AdminClient, createAdminClient } from './admin-client.ts'
import type { Io } from './io.ts'
import { readAdminFile, readSubmitterTokens, stateFolder } from './state.ts'
import { trustFor, trustFromEnvironment } from './trust.ts'

/** The option of every command that acts for a submitter. */
export const AS_OPTION = {
  as: { type: 'text', value: 'NAME', describe: 'the submitter to act for; the only one there is when left out' },
} as const

/**
 * The region's operator: `$HEDGEROW_URL` with `$HEDGEROW_TOKEN`, or the coordinator that runs in the state folder.
 * @throws {ConfigError} `not_found` when there is neither
 */
export function connectOperator(io: Io, state: string | undefined): AdminClient {
  const remote = fromEnvironment(io)
  if (remote !== null) return remote
  const { httpUrl, adminToken, caPem } = readAdminFile(stateFolder(io, state))
  trustFor(httpUrl, caPem)
  return createAdminClient(httpUrl, adminToken)
}

/**
 * A submitter, by the token that `submitter add` kept in the state folder; with `$HEDGEROW_URL` by `$HEDGEROW_TOKEN`.
 * @throws {ConfigError} `not_found` when there is no token of that name, or several and none was named
 */
export function connectSubmitterAs(io: Io, state: string | undefined, name: string | undefined): AdminClient {
  const remote = fromEnvironment(io)
  if (remote !== null) return remote
  const folder = stateFolder(io, state)
  const { httpUrl, caPem } = readAdminFile(folder)
  trustFor(httpUrl, caPem)
  const tokens = readSubmitterTokens(folder)
  return createAdminClient(httpUrl, chooseToken(tokens, name, folder))
}

/** For commands about jobs: the named submitter, or whoever may see all jobs when none is named. */
export function connectForJobs(io: Io, state: string | undefined, name: string | undefined): AdminClient {
  return name === undefined ? connectOperator(io, state) : connectSubmitterAs(io, state, name)
}

function chooseToken(tokens: Readonly<Record<string, string>>, name: string | undefined, folder: string): string {
  const names = Object.keys(tokens)
  const chosen = name ?? (names.length === 1 ? names[0] : undefined)
  const token = chosen === undefined || !Object.hasOwn(tokens, chosen) ? undefined : tokens[chosen]
  if (token !== undefined) return token
  throw new ConfigError({ code: 'not_found', path: folder }, missingToken(chosen, names, folder))
}

function missingToken(chosen: string | undefined, names: readonly string[], folder: string): string {
  if (chosen !== undefined) {
    return `The folder ${folder} has no token of submitter '${chosen}': add it with 'hedgerow submitter add ${chosen}'.`
  }
  if (names.length > 1) return `Say who pays with --as NAME; known here are ${names.join(', ')}.`
  return `There is no submitter yet: add one with 'hedgerow submitter add NAME --fund CREDITS'.`
}

function fromEnvironment(io: Io): AdminClient | null {
  const { HEDGEROW_URL: url, HEDGEROW_TOKEN: token } = io.env
  if (!url) return null
  if (!/^https?:\/\/[^/]/.test(url)) {
    const reason = 'it must start with http:// or https://'
    throw new ConfigError({ code: 'bad_option', path: 'HEDGEROW_URL', reason }, `HEDGEROW_URL is '${url}': ${reason}.`)
  }
  trustFromEnvironment(io, url)
  if (token) return createAdminClient(url, token)
  const reason = 'it must hold the token for HEDGEROW_URL'
  throw new ConfigError({ code: 'bad_option', path: 'HEDGEROW_TOKEN', reason }, `HEDGEROW_TOKEN is missing: ${reason}.`)
}
