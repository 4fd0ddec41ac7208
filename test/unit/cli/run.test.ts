import { expect, test } from 'vitest'
import { type Command, defineCommand } from '../../../cli/command.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { AssertionError, ConfigError, TransportError } from '../../../protocol/index.ts'
import { fakeIo } from './fake-io.ts'

function failing(error: unknown): Command {
  return defineCommand({
    name: 'fail',
    summary: 'fail',
    examples: [],
    run: async () => {
      throw error
    },
  })
}

test('help lists every command, and one command in full', async () => {
  const io = fakeIo()
  expect(await run([], io)).toBe(EXIT.ok)
  expect(io.stdout.text()).toContain('job submit')
  const one = fakeIo()
  expect(await run(['job', 'submit', '--help'], one)).toBe(EXIT.ok)
  expect(one.stdout.text()).toMatch(
    /Usage: hedgerow job submit FILE \[OPTIONS\][\s\S]*--budget CREDITS[\s\S]*Examples:/,
  )
})

test.each([[['help', 'ledger']], [['ledger', '--help']]])('help about a group: %j', async words => {
  const group = fakeIo()
  expect(await run(words, group)).toBe(EXIT.ok)
  expect(group.stdout.text()).toContain('ledger verify')
  expect(group.stdout.text()).not.toContain('job submit')
})

test.each([
  ['a wrong command line', ['nonsense'], EXIT.usage],
  ['help about nothing', ['help', 'nonsense'], EXIT.usage],
])('%s exits with its code', async (_, words, code) => {
  const io = fakeIo()
  expect(await run(words, io)).toBe(code)
  expect(io.stderr.text()).toMatch(/^hedgerow: There is no command/)
  expect(io.stdout.text()).toBe('')
})

test.each([
  [new ConfigError({ code: 'in_use', path: '/x' }, 'It is in use.'), EXIT.failure, 'in_use'],
  [new TransportError({ code: 'unreachable', address: 'x' }, 'Nobody there.'), EXIT.unreachable, 'unreachable'],
  [Object.assign(new Error('x'), { code: 'ENOSPC', path: '/x' }), EXIT.failure, 'ENOSPC'],
  [Object.assign(new Error('x'), { code: 'EADDRINUSE', address: '::', port: 1 }), EXIT.failure, 'EADDRINUSE'],
])('%s becomes one sentence, in JSON too', async (error, code, name) => {
  const io = fakeIo()
  expect(await run(['fail', '--json'], io, [failing(error)])).toBe(code)
  expect(io.stderr.text()).toMatch(/^hedgerow: [^\n]+\.\n$/)
  expect(JSON.parse(io.stdout.text())).toEqual({
    ok: false,
    error: { code: name, message: io.stderr.text().slice('hedgerow: '.length, -1) },
  })
})

test('a bug is shown with its stack', async () => {
  const io = fakeIo()
  expect(await run(['fail'], io, [failing(new AssertionError('books balance'))])).toBe(EXIT.failure)
  expect(io.stderr.text()).toContain('This should not have happened (books balance)')
  expect(io.stderr.text()).toContain('run.test.ts')
})

test('an error message cannot steer the terminal', async () => {
  const io = fakeIo()
  await run(['fail'], io, [failing(new ConfigError({ code: 'not_found', path: 'x' }, 'No \x1b[2Jthing.'))])
  expect(io.stderr.text()).toBe('hedgerow: No \ufffd[2Jthing.\n')
})
