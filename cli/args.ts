/** From the words of the command line to a command with checked options. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { closest } from '../protocol/jobs/suggest.ts'
import { COMMON_OPTIONS, type Command, type IntegerOption, type Options } from './command.ts'

/** The command line is wrong; the message says how to write it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A command's words, sorted and checked. */
export interface ParsedLine {
  readonly options: Readonly<Record<string, string | number | boolean | undefined>>
  readonly args: readonly string[]
}

/**
 * The command whose name the words start with; the longest name wins.
 * @throws {UsageError} when there is none, with the closest one there is
 */
export function findCommand(
  words: readonly string[],
  commands: readonly Command[],
): { command: Command; rest: string[] } {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ')
    const command = commands.find(candidate => candidate.name === name)
    if (command !== undefined) return { command, rest: words.slice(length) }
  }
  const asked = words.filter(word => !word.startsWith('-')).slice(0, 2)
  const names = commands.map(command => command.name)
  const near = closest(asked.join(' '), names) ?? closest(asked[0] ?? '', names)
  const hint = near === null ? '' : ` Did you mean 'hedgerow ${near}'?`
  throw new UsageError(`There is no command '${asked.join(' ')}'.${hint} 'hedgerow help' lists them all.`)
}

/**
 * Reads a command's options and arguments.
 * @throws {UsageError} naming the option or argument
 */
export function parseLine(command: Command, words: readonly string[]): ParsedLine {
  const specs: Options = { ...command.options, ...COMMON_OPTIONS }
  const { values, positionals } = parseWords(command, specs, words)
  const options: Record<string, string | number | boolean | undefined> = {}
  for (const [name, spec] of Object.entries(specs)) {
    const value = values[name]
    if (spec.type === 'flag') options[name] = value === true
    else if (typeof value !== 'string') options[name] = spec.default
    else options[name] = spec.type === 'integer' ? readInteger(command, name, spec, value) : value
  }
  // Whoever asks for help need not get the rest right.
  if (options.help !== true) checkPositionals(command, positionals)
  return { options, args: (command.positionals ?? []).map((_, index) => positionals[index] ?? '') }
}

function parseWords(command: Command, specs: Options, words: readonly string[]) {
  const config: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } }
  for (const [name, spec] of Object.entries(specs)) {
    if (name !== 'help') config[name] = { type: spec.type === 'flag' ? 'boolean' : 'string' }
  }
  try {
    return parseArgs({ args: [...words], options: config, allowPositionals: true, strict: true })
  } catch (error) {
    throw usage(command, sentence(error, Object.keys(specs)))
  }
}

/** Node's messages for wrong options, shortened to their first sentence. */
function sentence(error: unknown, known: readonly string[]): string {
  const text = error instanceof Error ? error.message : String(error)
  const unknown = /^Unknown option '(-+)([^']*)'/.exec(text)
  if (unknown === null) return text.split('\n', 1)[0] ?? text
  const near = closest(unknown[2] ?? '', known)
  return `There is no option '${unknown[1]}${unknown[2]}'${near === null ? '' : `; did you mean '--${near}'?`}`
}

function readInteger(command: Command, name: string, spec: IntegerOption, text: string): number {
  const value = /^-?[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= spec.min && value <= spec.max) return value
  throw usage(command, `--${name} must be a whole number from ${spec.min} to ${spec.max}, not '${text}'`)
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const wanted = command.positionals ?? []
  const missing = wanted.find((positional, index) => positional.optional !== true && (given[index] ?? '') === '')
  if (missing !== undefined) throw usage(command, `${missing.name} is missing: ${missing.describe}`)
  const surplus = given[wanted.length]
  if (surplus !== undefined) throw usage(command, `'${surplus}' is one argument too many`)
}

/** A complaint about the words of one command, with where to read more. */
export function usage(command: Pick<Command, 'name'>, complaint: string): UsageError {
  const text = /[.?]$/.test(complaint) ? complaint : `${complaint}.`
  return new UsageError(`${text} See 'hedgerow ${command.name} --help'.`)
}
