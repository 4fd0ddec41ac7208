/** A job written down in a YAML or JSON file, checked before anything is sent. */
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { ConfigError, LIMITS, messageOf, parseJobSpec } from '../../protocol/index.ts'
import { type Attachment, attachFile, attachValue, type Upload } from './attachment.ts'
import { lineOf } from './source-lines.ts'

/** A job file's own bound; larger inputs are files of their own. */
const FILE_BYTES_MAX = 16_777_216
/** Against a small file that unfolds into a huge one. */
const ALIASES_MAX = 100

type Fields = Record<string, unknown>

/** A job file, read and checked. */
export interface JobFile {
  /** Passes `parseJobSpec`; files have become inline bytes or the name of an upload. */
  readonly specification: Fields
  readonly uploads: readonly Upload[]
}

/** Fields that the command line sets instead of the file. */
export interface JobFileOverrides {
  readonly budgetMicro?: string
}

/**
 * Reads and checks a job file. In it, `task.module`, `task.script` and `split.source` may be a path, relative to the
 * file, or `{file: path}`.
 * @throws {ConfigError} `bad_job` naming file, line and field; `not_found`
 */
export async function readJobFile(path: string, overrides: JobFileOverrides = {}): Promise<JobFile> {
  const lines = new LineCounter()
  const document = parseText(path, await readText(path), lines)
  const value = readValue(path, document)
  try {
    return await checkJob(value, dirname(path), overrides)
  } catch (error) {
    if (error instanceof ConfigError && error.info.code === 'bad_job') throw located(error, path, document, lines)
    throw error
  }
}

async function checkJob(value: unknown, folder: string, overrides: JobFileOverrides): Promise<JobFile> {
  const uploads: Upload[] = []
  if (!isFields(value)) parseJobSpec(value)
  // A `ref` ties an answer over MQTT to its submission; here the answer comes back directly.
  const { ref: _ref, ...fields } = value as Fields
  const job: Fields = { ...fields, ...overrides }
  const attach = async (parent: string, name: string, bytesMax: number): Promise<void> => {
    const fields = job[parent]
    if (!isFields(fields)) return
    const attachment = await attachSource(`${parent}.${name}`, fields[name], folder, bytesMax)
    if (attachment === null) return
    job[parent] = { ...fields, [name]: attachment.source }
    if (attachment.upload !== null) uploads.push(attachment.upload)
  }
  await attach('task', 'module', LIMITS.moduleBytesMax)
  await attach('task', 'script', LIMITS.scriptBytesMax)
  await attach('split', 'source', LIMITS.blobBytesMax)
  parseJobSpec(job)
  return { specification: job, uploads }
}

/** What replaces a source; null when it stays as it is, right or wrong. */
async function attachSource(
  field: string,
  source: unknown,
  folder: string,
  bytesMax: number,
): Promise<Attachment | null> {
  const path = typeof source === 'string' ? source : isFields(source) ? source.file : undefined
  if (typeof path !== 'string') return isFields(source) ? attachValue(field, source) : null
  const attachment = await attachFile(field, resolve(folder, path), bytesMax)
  if (typeof attachment !== 'string') return attachment
  const reason = `names the file ${path}, which ${attachment}`
  throw new ConfigError({ code: 'bad_job', path: field, reason }, `The job's '${field}' ${reason}.`)
}

async function readText(path: string): Promise<string> {
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile()) {
    const message = `There is no job file ${path}: check its name.`
    throw new ConfigError({ code: 'not_found', path }, message)
  }
  if (found.size > FILE_BYTES_MAX) {
    const reason = `has ${found.size} bytes; put large inputs into files of their own`
    throw new ConfigError({ code: 'bad_job', path: '', reason }, `${basename(path)} ${reason}.`)
  }
  return readFile(path, 'utf8')
}

/** JSON is YAML too, so one parser reads both and knows the lines of both. */
function parseText(path: string, text: string, lineCounter: LineCounter): Document {
  const document = parseDocument(text, { lineCounter, prettyErrors: false, schema: 'core', version: '1.2' })
  const [error] = document.errors
  if (error === undefined) return document
  const { line } = lineCounter.linePos(error.pos[0])
  const reason = `is not valid YAML or JSON (${error.message})`
  throw new ConfigError({ code: 'bad_job', path: '', reason }, `${basename(path)}, line ${line}: the file ${reason}.`)
}

function readValue(path: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX })
  } catch (cause) {
    const reason = `cannot be unfolded (${messageOf(cause)})`
    throw new ConfigError({ code: 'bad_job', path: '', reason }, `${basename(path)} ${reason}.`, { cause })
  }
}

function located(error: ConfigError, path: string, document: Document, lines: LineCounter): ConfigError {
  const field = error.info.code === 'bad_job' ? error.info.path : ''
  const line = lineOf(document, lines, field)
  const where = line === null ? basename(path) : `${basename(path)}, line ${line}`
  return new ConfigError(error.info, `${where}: ${error.message}`, { cause: error })
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
