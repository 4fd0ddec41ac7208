/** A job written down in a YAML or JSON file, checked before anything is sent. */
import { dirname, resolve } from 'node:path'
import { ConfigError, LIMITS, parseJobSpec } from '../../protocol/index.ts'
import { readYamlFile, type YamlFileKind } from '../yaml-file/yaml-file.ts'
import { type Attachment, attachFile, attachValue, type Upload } from './attachment.ts'

/** Larger inputs are files of their own. */
const JOB_FILE: YamlFileKind = {
  what: 'job',
  code: 'bad_job',
  bytesMax: 16_777_216,
  tooLarge: 'put large inputs into files of their own',
}

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
  return readYamlFile(path, JOB_FILE, value => checkJob(value, dirname(path), overrides))
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

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
