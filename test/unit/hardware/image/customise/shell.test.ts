import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { environmentLine, shellAssignments, shellQuote } from '../../../../../hardware/image/customise/shell.ts'

const HOSTILE = [
  '',
  "'",
  "''\\''",
  '$(reboot)',
  '`reboot`',
  '"; rm -rf /; "',
  'a\nb',
  '\\',
  '-n',
  '😀',
  '*',
  '~',
  '!!',
  "\\'",
  '\x01',
]
const SCRIPTS = join(import.meta.dirname, '../../../../../hardware/image/first-boot')

describe('quoting', () => {
  test('gives a real shell the text back, whatever it is', () => {
    const text = fc.oneof(
      fc.constantFrom(...HOSTILE),
      fc.string({ unit: 'binary' }).map(value => value.replaceAll('\0', '')),
    )
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), texts => {
        const script = `printf '%s\\036' ${texts.map(shellQuote).join(' ')}`
        const seen = execFileSync('/bin/sh', ['-c', script]).toString('utf8').split('\x1e').slice(0, -1)
        expect(seen).toEqual(texts.map(value => Buffer.from(value).toString('utf8')))
      }),
      { numRuns: 60, examples: [[HOSTILE]] },
    )
  })

  test('gives back what a file of assignments holds', () => {
    const values = Object.fromEntries(HOSTILE.map((value, index) => [`VALUE_${index}`, value]))
    const input = `${shellAssignments(values)}${Object.keys(values)
      .map(name => `printf '%s\\036' "$${name}"\n`)
      .join('')}`
    expect(execFileSync('/bin/sh', { input, encoding: 'utf8' }).split('\x1e').slice(0, -1)).toEqual(HOSTILE)
  })

  test('refuses what a shell cannot hold', () => {
    expect(() => shellQuote('a\0b')).toThrow('a text for a shell holds no NUL')
    expect(() => environmentLine('A', 'a\nb')).toThrow('one line')
  })

  test('of an environment file is what systemd reads', () => {
    expect(environmentLine('LABEL', 'a "b" $c `d` \\e \'f\'')).toBe('LABEL="a \\"b\\" \\$c \\`d\\` \\\\e \'f\'"\n')
  })
})

describe('scripts', () => {
  const scripts = readdirSync(SCRIPTS).filter(name => name.endsWith('.sh'))

  test.each(scripts)('%s is a shell script without bashisms', name => {
    expect(readFileSync(join(SCRIPTS, name), 'utf8').startsWith('#!/bin/sh\n')).toBe(true)
    expect(spawnSync('/bin/sh', ['-n', join(SCRIPTS, name)], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    })
  })

  const isThere = spawnSync('shellcheck', ['--version']).status === 0
  test.skipIf(!isThere).each(scripts)(
    '%s has nothing that shellcheck minds (needs the Debian package shellcheck)',
    name => {
      const checked = spawnSync('shellcheck', ['-s', 'sh', '-S', 'warning', join(SCRIPTS, name)], { encoding: 'utf8' })
      expect(checked).toMatchObject({ status: 0, stdout: '' })
    },
  )
})
