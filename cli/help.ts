/** The texts of `hedgerow help` and `hedgerow <command> --help`. */
import { COMMON_OPTIONS, type Command, type Option, type Options } from './command.ts'
import { pad } from './terminal/text.ts'

const OPENING = 'Hedgerow turns idle computers into a paid, verified edge network.'

/** All commands, one line each. */
export function overview(commands: readonly Command[]): string[] {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return [
    OPENING,
    '',
    'Usage: hedgerow COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${pad(name, width)}  ${summary}`),
    '',
    'Every command:',
    ...optionLines(COMMON_OPTIONS),
    '',
    'Start here:',
    '  hedgerow up                       a region with devices on this machine',
    '  hedgerow COMMAND --help           what a command does, with examples',
  ]
}

/** One command in full. */
export function explainCommand(command: Command): string[] {
  const positionals = command.positionals ?? []
  const shape = positionals.map(({ name, optional }) => (optional === true ? `[${name}]` : name))
  const width = Math.max(0, ...positionals.map(({ name }) => name.length))
  const own = optionLines(command.options ?? {})
  return [
    `hedgerow ${command.name}: ${command.summary}`,
    ...(command.details === undefined ? [] : ['', ...command.details.split('\n')]),
    '',
    `Usage: ${['hedgerow', command.name, ...shape, '[OPTIONS]'].join(' ')}`,
    ...section(
      'Arguments:',
      positionals.map(({ name, describe }) => `  ${pad(name, width)}  ${describe}`),
    ),
    ...section('Options:', own),
    ...section('Every command:', optionLines(COMMON_OPTIONS)),
    ...section(
      'Examples:',
      command.examples.flatMap(({ line, does }) => [`  ${line}`, `      ${does}`]),
    ),
  ]
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}

function optionLines(options: Options): string[] {
  const rows = Object.entries(options).map(([name, option]) => ({ left: optionForm(name, option), option }))
  const width = Math.max(0, ...rows.map(({ left }) => left.length))
  return rows.map(({ left, option }) => `  ${pad(left, width)}  ${option.describe}${defaultOf(option)}`)
}

function optionForm(name: string, option: Option): string {
  return option.type === 'flag' ? `--${name}` : `--${name} ${option.value}`
}

function defaultOf(option: Option): string {
  return option.type === 'flag' || option.default === undefined ? '' : ` (default ${option.default})`
}
