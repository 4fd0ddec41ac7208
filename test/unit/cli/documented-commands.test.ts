/** Every command line that the documentation shows can be typed: the command is there and knows its options. */
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findCommand, parseLine } from '../../../cli/args.ts'
import { COMMANDS } from '../../../cli/commands/index.ts'

const root = resolve(import.meta.dirname, '../../..')
const PAGES = ['README.md', ...globSync('docs/**/*.md', { cwd: root })]

/** The words of a shell command up to a pipe, a redirection, a further command or a comment. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const [word, single, double] of line.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)) {
    if (/^(\||<|>|&|&&|;|#)/.test(word)) break
    words.push(single ?? double ?? word)
  }
  return words
}

/** Lines of shell blocks that run `hedgerow`. */
function commandLines(page: string): string[] {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(/^ *```\w*\n([\s\S]*?)^ *```$/gm)
  return [...blocks].flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter(line => /^(\$ )?(sudo )?(npx )?hedgerow [a-z]/.test(line))
      .map(line => line.replace(/^(\$ )?(sudo )?(npx )?hedgerow /, '')),
  )
}

const lines = PAGES.flatMap(page => commandLines(page).map(line => ({ page, line })))

test('there are many', () => {
  expect(lines.length).toBeGreaterThan(100)
  expect(new Set(lines.map(({ page }) => page)).size).toBeGreaterThan(10)
})

describe('what is documented', () => {
  test.each(lines)('in $page: $line', ({ line }) => {
    const words = wordsOf(line)
    // `…` stands for what is yours.
    const { command, rest } = findCommand(
      words.filter(word => word !== '…' && word !== '...'),
      COMMANDS,
    )
    expect(() => parseLine(command, rest)).not.toThrow()
  })
})
