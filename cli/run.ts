/** Finds and runs the command of a command line. */
import { findCommand, parseLine, UsageError } from './args.ts'
import type { Command, Invocation } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { type Failure, failureOf } from './failures.ts'
import { explainCommand, overview } from './help.ts'
import type { Io } from './io.ts'
import { Output } from './output.ts'
import { printable } from './terminal/text.ts'

const HELP_WORDS = ['help', '--help', '-h']

/**
 * Runs one command line and never throws: what goes wrong becomes a sentence on standard error and the exit code, and
 * with `--json` also `{"ok": false, "error": {"code", "message"}}` on standard output.
 * @param words - the arguments after `hedgerow`
 */
export async function run(
  words: readonly string[],
  io: Io,
  commands: readonly Command[] = COMMANDS,
): Promise<ExitCode> {
  const out = new Output(io, words.includes('--json'))
  try {
    const [first] = words
    if (first === undefined || HELP_WORDS.includes(first)) return help(words.slice(1), out, commands)
    if (asksForGroup(words, commands)) return help(words, out, commands)
    const { command, rest } = findCommand(words, commands)
    const { options, args } = parseLine(command, rest)
    if (options.help === true) return print(explainCommand(command), out)
    return await command.run({ options, args, io, out } as Invocation)
  } catch (thrown) {
    return report(failureOf(thrown), io, out)
  }
}

/** `hedgerow ledger --help`: about all commands that begin with the word. */
function asksForGroup(words: readonly string[], commands: readonly Command[]): boolean {
  const [first, second] = words
  const isGroup =
    commands.every(({ name }) => name !== first) && commands.some(({ name }) => name.startsWith(`${first} `))
  return isGroup && second !== undefined && HELP_WORDS.includes(second)
}

function help(words: readonly string[], out: Output, commands: readonly Command[]): ExitCode {
  const topic = words.filter(word => !word.startsWith('-'))
  if (topic.length === 0) return print(overview(commands), out)
  const group = commands.filter(({ name }) => name === topic[0] || name.startsWith(`${topic[0]} `))
  if (topic.length === 1 && group.length > 1) return print(overview(group), out)
  const { command, rest } = findCommand(topic, commands)
  if (rest.length > 0) throw new UsageError(`There is no command '${topic.join(' ')}'. 'hedgerow help' lists them all.`)
  return print(explainCommand(command), out)
}

function print(lines: readonly string[], out: Output): ExitCode {
  out.result({ help: lines.join('\n') }, () => lines)
  return EXIT.ok
}

function report(failure: Failure, io: Io, out: Output): ExitCode {
  const { exit, code, message, stack } = failure
  if (out.json) out.result({ ok: false, error: { code, message } }, () => [])
  io.stderr.write(`hedgerow: ${printable(message)}\n`)
  if (stack !== null) io.stderr.write(`${stack}\n`)
  return exit
}
