import { expect, test } from 'vitest'
import { findCommand, parseLine, UsageError } from '../../../cli/args.ts'
import { defineCommand } from '../../../cli/command.ts'
import { COMMANDS } from '../../../cli/commands/index.ts'
import { EXIT } from '../../../cli/exit-codes.ts'

const command = defineCommand({
  name: 'paint house',
  summary: 'paint it',
  positionals: [
    { name: 'COLOUR', describe: 'which one' },
    { name: 'SIDE', describe: 'which side', optional: true },
  ],
  options: {
    coats: { type: 'integer', value: 'N', min: 1, max: 5, default: 2, describe: 'how many' },
    brand: { type: 'text', value: 'NAME', describe: 'of the paint' },
    wet: { type: 'flag', describe: 'leave it wet' },
  },
  examples: [],
  run: async () => EXIT.ok,
})

test('the longest name wins', () => {
  expect(findCommand(['device', 'list', '--json'], COMMANDS)).toMatchObject({
    command: { name: 'device list' },
    rest: ['--json'],
  })
  expect(findCommand(['device', '--claim', 'x'], COMMANDS)).toMatchObject({
    command: { name: 'device' },
    rest: ['--claim', 'x'],
  })
})

test('a mistyped command is answered with the one that was meant', () => {
  expect(() => findCommand(['job', 'sumbit'], COMMANDS)).toThrow("Did you mean 'hedgerow job submit'?")
  expect(() => findCommand(['xyzzy'], COMMANDS)).toThrow(/^There is no command 'xyzzy'\. 'hedgerow help'/)
})

test('options and arguments are read, with defaults', () => {
  expect(parseLine(command, ['red', '--brand', 'x', '--wet'])).toEqual({
    options: { coats: 2, brand: 'x', wet: true, state: undefined, json: false, help: false },
    args: ['red', ''],
  })
  expect(parseLine(command, ['--coats=5', 'red', 'north']).options.coats).toBe(5)
})

test.each([
  [['red', '--coast', '3'], "There is no option '--coast'; did you mean '--coats'?"],
  [['red', '--coats', '9'], "--coats must be a whole number from 1 to 5, not '9'."],
  [['red', '--coats', 'two'], "--coats must be a whole number from 1 to 5, not 'two'."],
  [['red', '--brand'], '--brand'],
  [[], 'COLOUR is missing: which one.'],
  [['red', 'north', 'south'], "'south' is one argument too many."],
])('%j is refused in a sentence', (words, message) => {
  expect(() => parseLine(command, words)).toThrow(UsageError)
  expect(() => parseLine(command, words)).toThrow(message)
  expect(() => parseLine(command, words)).toThrow("See 'hedgerow paint house --help'.")
})

test('help needs no arguments', () => {
  expect(parseLine(command, ['-h']).options.help).toBe(true)
})

test('every command has a name of its own, a summary and an example of itself', () => {
  expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length)
  for (const { name, summary, examples } of COMMANDS) {
    expect(summary).toMatch(/^[a-z]/)
    expect(examples.length).toBeGreaterThan(0)
    for (const { line } of examples) expect(line).toContain(`hedgerow ${name}`)
  }
})
