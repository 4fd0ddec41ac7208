/** Which log a command reads, and whose keys it trusts. */
import { resolve } from 'node:path'
import type { LogSource, OpenedLog } from '../auditor/index.ts'
import {
  ConfigError,
  type Hash,
  NOTE_TYPE_LOG,
  NOTE_TYPE_WITNESS,
  type NoteKey,
  parseVerifierKey,
} from '../protocol/index.ts'
import { usage } from './args.ts'
import type { Io } from './io.ts'
import { readAdminFile, stateFolder } from './state.ts'
import { trustFor, trustFromEnvironment } from './trust.ts'
import { sleep } from './wait.ts'

/** Longer than the default interval between checkpoints. */
const SIGNED_POLLS = 40
const SIGNED_POLL_MS = 500

/** Where a log is; a command has these beside its own options. */
export interface LogPlace {
  readonly state?: string | undefined
  readonly url?: string | undefined
  readonly file?: string | undefined
}

/** The log of a file or folder, of an address, or of the coordinator that runs in the region's folder. */
export async function openLog(name: string, { state, url, file }: LogPlace, io: Io, hash: Hash): Promise<OpenedLog> {
  const { createHttpSource, openLogFile } = await import('../auditor/index.ts')
  if (file !== undefined && url !== undefined) throw usage({ name }, 'Give --url or --file, not both')
  if (file !== undefined) return openLogFile(resolve(io.cwd, file), hash)
  const remote = url ?? io.env.HEDGEROW_URL
  const local = remote ? null : readAdminFile(stateFolder(io, state))
  const address = remote || (local?.httpUrl ?? '')
  if (!/^https?:\/\/[^/]/.test(address))
    throw usage({ name }, `--url must start with http:// or https://, not '${address}'`)
  if (local === null) trustFromEnvironment(io, address)
  else trustFor(address, local.caPem)
  return { source: createHttpSource(address, { clock: io.clock, fetch }), rows: null, knownWitnesses: [] }
}

/**
 * Waits for a log's first checkpoint, which a region signs within seconds of its first start.
 * @throws {ConfigError} `not_found` when none comes
 */
export async function untilSigned(source: LogSource, { clock, stop }: Io): Promise<void> {
  for (let polls = 0; (await source.checkpoint()) === null; polls++) {
    stop.throwIfAborted()
    if (polls === SIGNED_POLLS) {
      const message = `The log of ${source.name} has not been signed yet: try again in a minute.`
      throw new ConfigError({ code: 'not_found', path: source.name }, message)
    }
    await sleep(clock, SIGNED_POLL_MS, stop)
  }
}

/**
 * The keys of a comma-separated list.
 * @throws {ConfigError} `bad_option`
 */
export function readKeys(option: 'key' | 'witness', text: string | undefined): NoteKey[] {
  const texts = (text ?? '').split(',').filter(Boolean)
  return texts.map(one => readKey(option, one.trim()))
}

function readKey(option: 'key' | 'witness', text: string): NoteKey {
  const wanted = option === 'key' ? NOTE_TYPE_LOG : NOTE_TYPE_WITNESS
  const owner = option === 'key' ? 'log' : 'witness'
  try {
    const key = parseVerifierKey(text)
    if (key.type === wanted) return key
  } catch (cause) {
    throw badKey(option, `'${text.slice(0, 200)}' is not a verifier key, which has the form name+id+key`, cause)
  }
  throw badKey(option, `'${text.slice(0, 200)}' is not the key of a ${owner}`)
}

function badKey(option: string, reason: string, cause?: unknown): ConfigError {
  const message = `--${option}: ${reason}. The region's card has both keys, at /log/card.`
  return new ConfigError({ code: 'bad_option', path: option, reason }, message, { cause })
}
