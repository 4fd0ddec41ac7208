import { expect, test } from 'vitest'
import { UsageError } from '../../../cli/args.ts'
import { LOG_LEVELS, type LogLevel, openLogFormat } from '../../../cli/log-format.ts'
import { coordinatorLog, deviceLog } from '../../../cli/log-lines.ts'
import { fakeClock } from './fake-io.ts'

async function logs(format: string, asked?: string, level: LogLevel = 'info') {
  const lines: string[] = []
  const write = await openLogFormat(
    { 'log-format': format, 'log-level': asked },
    { name: 'device', service: 'device', clock: fakeClock(), level, writeLine: line => void lines.push(line) },
  )
  return { lines, write }
}

test('writes lines for people', async () => {
  const { lines, write } = await logs('text')
  coordinatorLog(write).warn('broker_failed', { reason: 'a\u001b[31m b', times: 2 })
  expect(lines).toEqual(['2023-11-14T22:13:20.000Z warn broker_failed reason=a\ufffd[31m b times=2\n'])
})

test('writes JSON for programs, one object a line', async () => {
  const { lines, write } = await logs('json')
  coordinatorLog(write).info('coordinator_started', { region: 'home', devices: 3 })
  deviceLog(write)({ level: 'error', event: 'sandbox_lost', exit: null, big: 10n, at: true })
  expect(lines.map(line => JSON.parse(line))).toEqual([
    {
      level: 'info',
      time: '2023-11-14T22:13:20.000Z',
      service: 'device',
      event: 'coordinator_started',
      region: 'home',
      devices: 3,
    },
    {
      level: 'error',
      time: '2023-11-14T22:13:20.000Z',
      service: 'device',
      event: 'sandbox_lost',
      exit: null,
      big: '10',
      at: true,
    },
  ])
  expect(lines.every(line => line.endsWith('}\n') && line.indexOf('\n') === line.length - 1)).toBe(true)
})

test('never writes bytes, nor what is named like a secret', async () => {
  const { lines, write } = await logs('json')
  write('warn', 'odd', { frame: Uint8Array.of(104, 105), token: 'hunter2', claim: 'hr1:secret', text: 'line\nline' })
  expect(JSON.parse(lines.join(''))).toMatchObject({
    frame: '2 bytes',
    token: '[redacted]',
    claim: '[redacted]',
    text: 'line\nline',
  })
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toContain('hunter2')
})

test.each(['text', 'json'])('leaves out what is below the level, as %s', async format => {
  for (const [index, level] of LOG_LEVELS.entries()) {
    const { lines, write } = await logs(format, level)
    for (const each of LOG_LEVELS) write(each, 'happened', {})
    expect(lines).toHaveLength(LOG_LEVELS.length - index)
  }
  const { lines, write } = await logs(format, undefined, 'warn')
  write('info', 'happened', {})
  expect(lines).toEqual([])
})

test.each([
  ['xml', undefined, /--log-format must be text or json, not 'xml'/],
  ['text', 'loud', /--log-level must be one of debug, info, warn, error, not 'loud'/],
])('refuses the format %s with the level %s', async (format, level, message) => {
  await expect(logs(format, level)).rejects.toThrow(message)
  await expect(logs(format, level)).rejects.toThrow(UsageError)
})
