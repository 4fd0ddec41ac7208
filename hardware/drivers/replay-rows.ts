/** Lines of a recorded file: CSV with a first line of names, or a JSON object a line. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { ConfigError, HardwareError, messageOf, type SensorChannel } from '../../protocol/index.ts'
import { closest } from '../../protocol/jobs/suggest.ts'
import { type Outcome, outcomeOf } from '../scaled.ts'
import type { ReplayConfig } from '../sensor-config.ts'

/** Texts that recorders write where there was no value. */
const NO_VALUE = new Set(['', 'na', 'nan', 'null', 'none', '-'])

type Cells = (column: string) => string | undefined

/**
 * The matching lines of a file, one outcome a channel, read as they are asked for. An empty cell is `no_answer`, one that is no number
 * `bad_frames`.
 * @throws {HardwareError} `unreadable`
 * @throws {ConfigError} `bad_option` when a named column does not exist
 */
export async function* replayRows(
  { file, columns, where = {} }: Pick<ReplayConfig, 'file' | 'columns' | 'where'>,
  channels: readonly SensorChannel[],
): AsyncGenerator<readonly Outcome[], void, void> {
  const wanted = channels.map(channel => ({ channel, column: columns[channel.quantity] ?? '' }))
  const conditions = Object.entries(where)
  const names = [...wanted.map(({ column }) => column), ...conditions.map(([column]) => column)]
  for await (const cells of rowsOf(file, names)) {
    if (conditions.some(([column, value]) => cells(column) !== value)) continue
    yield wanted.map(({ channel, column }) => outcomeOfCell(cells(column), channel))
  }
}

function outcomeOfCell(text: string | undefined, channel: SensorChannel): Outcome {
  if (text === undefined || NO_VALUE.has(text.toLowerCase())) return 'no_answer'
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? outcomeOf(Number(text), channel) : 'bad_frames'
}

async function* rowsOf(file: string, names: readonly string[]): AsyncGenerator<Cells, void, void> {
  let parse: ((line: string) => Cells) | null = null
  for await (const line of linesOf(file)) {
    if (line.trim() === '') continue
    const isJson = line.trimStart().startsWith('{')
    if (parse === null && !isJson) {
      parse = csvParser(file, line.replace(/^\ufeff/, ''), names)
      continue
    }
    parse ??= jsonRow
    yield parse(line)
  }
}

/** @throws {HardwareError} `unreadable` */
async function* linesOf(file: string): AsyncGenerator<string, void, void> {
  const input = createReadStream(file, 'utf8')
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (cause) {
    const message = `The recorded file ${file} cannot be read: ${messageOf(cause)}.`
    throw new HardwareError({ code: 'unreadable', path: file }, message, { cause })
  } finally {
    input.destroy()
  }
}

function csvParser(file: string, header: string, names: readonly string[]): (line: string) => Cells {
  const unquoted = header.replaceAll(/"[^"]*"/g, '')
  const separator = [',', ';', '\t'].find(candidate => unquoted.includes(candidate)) ?? ','
  const titles = splitCsv(header, separator)
  const unknown = names.find(name => !titles.includes(name))
  if (unknown !== undefined) {
    const near = closest(unknown, titles)
    const hint = near === null ? '' : ` (did you mean '${near}'?)`
    const reason = `names the column '${unknown}'${hint}, which ${file} does not have: it has ${titles.join(', ')}`
    throw new ConfigError({ code: 'bad_option', path: 'columns', reason }, `The replay ${reason}.`)
  }
  const positions = new Map(titles.map((title, index) => [title, index]))
  return line => {
    const cells = splitCsv(line, separator)
    return column => cells[positions.get(column) ?? -1]
  }
}

/** One line of RFC 4180; a quoted cell may hold the separator and doubled quotes, but no line end. */
function splitCsv(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator).map(cell => cell.trim())
  const cells: string[] = []
  const cell = new RegExp(`\\s*(?:"((?:[^"]|"")*)"|([^${separator}]*))\\s*(${separator}|$)`, 'y')
  for (let at = 0, isLast = false; !isLast; at = cell.lastIndex) {
    cell.lastIndex = at
    const found = cell.exec(line)
    cells.push((found?.[1]?.replaceAll('""', '"') ?? found?.[2] ?? '').trim())
    isLast = found === null || found[3] === ''
  }
  return cells
}

function jsonRow(line: string): Cells {
  let fields: Readonly<Record<string, unknown>>
  try {
    fields = JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch {
    return () => 'damaged'
  }
  return column => {
    const value = Object.hasOwn(fields, column) ? fields[column] : undefined
    return value === undefined || value === null ? undefined : String(value)
  }
}
