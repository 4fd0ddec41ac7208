/** How events are written: as lines for people, or as JSON for programs. */
import type { Clock } from '../protocol/index.ts'
import { usage } from './args.ts'
import { printable } from './terminal/text.ts'

/** By how much they matter, the least first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Writes one event. Fields are the program's own values: never keys, never a peer's bytes. */
export type WriteEvent = (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>) => void

/** The options of programs that log. */
export const LOG_OPTIONS = {
  'log-format': { type: 'text', value: 'FORMAT', default: 'text', describe: 'text for people, json for programs' },
  'log-level': {
    type: 'text',
    value: 'LEVEL',
    describe: 'the least that is logged: debug, info, warn or error',
  },
} as const

/** What was typed of {@link LOG_OPTIONS}. */
export interface LogOptionValues {
  readonly 'log-format': string
  readonly 'log-level': string | undefined
}

export interface LogInit {
  /** The command's name, for what is said of wrong options. */
  readonly name: string
  /** Who logs. */
  readonly service: 'coordinator' | 'device'
  readonly clock: Clock
  /** Without `--log-level`. */
  readonly level: LogLevel
  writeLine(line: string): void
}

/**
 * The log that was asked for. What writes JSON is only loaded when it is.
 * @throws {UsageError} on a format or level that there is not
 */
export async function openLogFormat(options: LogOptionValues, init: LogInit): Promise<WriteEvent> {
  const { name, clock, writeLine } = init
  const { 'log-format': format, 'log-level': asked = init.level } = options
  const level = LOG_LEVELS.find(known => known === asked)
  if (level === undefined) throw usage({ name }, `--log-level must be one of ${LOG_LEVELS.join(', ')}, not '${asked}'`)
  if (format === 'text') return textLog(clock, writeLine, level)
  if (format !== 'json') throw usage({ name }, `--log-format must be text or json, not '${format}'`)
  const { jsonLog } = await import('./log-format-json.ts')
  return jsonLog({ ...init, level })
}

/** Lines of text: time, level, event, then `name=value`. */
export function textLog(clock: Clock, writeLine: (line: string) => void, least: LogLevel): WriteEvent {
  const from = LOG_LEVELS.indexOf(least)
  return (level, event, fields) => {
    if (LOG_LEVELS.indexOf(level) < from) return
    const details = Object.entries(fields).map(([name, value]) => ` ${name}=${printable(String(value))}`)
    writeLine(`${new Date(clock.wallMs()).toISOString()} ${level} ${event}${details.join('')}\n`)
  }
}
