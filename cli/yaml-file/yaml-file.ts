/** A YAML or JSON file that a person wrote: read, unfolded, and its faults told by file and line. */
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { ConfigError, messageOf } from '../../protocol/index.ts'
import { lineOf } from './source-lines.ts'

/** What a file is for, and how its faults are told. */
export interface YamlFileKind {
  /** As in "There is no job file". */
  readonly what: string
  readonly code: 'bad_job' | 'bad_campaign' | 'bad_option'
  readonly bytesMax: number
  /** What to do about one that is larger, as the end of a sentence. */
  readonly tooLarge: string
}

/** Against a small file that unfolds into a huge one. */
const ALIASES_MAX = 100

/**
 * Reads a file and has its value checked.
 * @param check - throws {@link ConfigError} with the kind's code and the path of the field at fault
 * @throws {ConfigError} the kind's code, naming file and, where it is known, line and field; `not_found`
 */
export async function readYamlFile<T>(
  path: string,
  kind: YamlFileKind,
  check: (value: unknown) => T | Promise<T>,
): Promise<T> {
  const lines = new LineCounter()
  const document = parseText(path, kind, await readText(path, kind), lines)
  const value = unfold(path, kind, document)
  try {
    return await check(value)
  } catch (error) {
    if (error instanceof ConfigError && error.code === kind.code) throw located(error, path, document, lines)
    throw error
  }
}

async function readText(path: string, kind: YamlFileKind): Promise<string> {
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile()) {
    throw new ConfigError({ code: 'not_found', path }, `There is no ${kind.what} file ${path}: check its name.`)
  }
  if (found.size > kind.bytesMax) throw unusable(kind, basename(path), `has ${found.size} bytes; ${kind.tooLarge}`)
  return readFile(path, 'utf8')
}

/** JSON is YAML too, so one parser reads both and knows the lines of both. */
function parseText(path: string, kind: YamlFileKind, text: string, lineCounter: LineCounter): Document {
  const document = parseDocument(text, { lineCounter, prettyErrors: false, schema: 'core', version: '1.2' })
  const [error] = document.errors
  if (error === undefined) return document
  const { line } = lineCounter.linePos(error.pos[0])
  throw unusable(kind, `${basename(path)}, line ${line}: the file`, `is not valid YAML or JSON (${error.message})`)
}

function unfold(path: string, kind: YamlFileKind, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX })
  } catch (cause) {
    throw unusable(kind, basename(path), `cannot be unfolded (${messageOf(cause)})`, cause)
  }
}

function unusable({ code }: YamlFileKind, subject: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError({ code, path: '', reason }, `${subject} ${reason}.`, cause === undefined ? {} : { cause })
}

function located(error: ConfigError, path: string, document: Document, lines: LineCounter): ConfigError {
  const line = lineOf(document, lines, 'path' in error.info ? error.info.path : '')
  const where = line === null ? basename(path) : `${basename(path)}, line ${line}`
  return new ConfigError(error.info, `${where}: ${error.message}`, { cause: error })
}
