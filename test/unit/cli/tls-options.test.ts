import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseLine, UsageError } from '../../../cli/args.ts'
import { coordinator } from '../../../cli/commands/coordinator.ts'
import { coordinatorOptions } from '../../../cli/region-options.ts'
import { fakeIo } from './fake-io.ts'

const optionsOf = async (line: string) => {
  const { options } = parseLine(coordinator, line === '' ? [] : line.split(' '))
  return (await coordinatorOptions({ options: options as never, io: fakeIo({ cwd: '/srv' }) })).tls
}

test.each([
  ['', undefined],
  ['--tls', {}],
  ['--tls --tls-port 0 --plain-too', { mqttPort: 0, plainToo: true }],
  ['--tls-cert a.pem --tls-key keys/a.pem', { certFile: join('/srv', 'a.pem'), keyFile: join('/srv', 'keys/a.pem') }],
  ['--tls --tls-cert /a.pem --tls-key /b.pem', { certFile: '/a.pem', keyFile: '/b.pem' }],
])('%j', async (line, expected) => {
  expect(await optionsOf(line)).toEqual(expected)
})

test.each([
  ['--tls --tls-cert a.pem', '--tls-cert and --tls-key belong together'],
  ['--tls-key a.pem', '--tls-cert and --tls-key belong together'],
  ['--plain-too', '--plain-too is for a coordinator with --tls'],
  ['--tls-port 1', '--tls-port is for a coordinator with --tls'],
])('%j makes no sense, and says why', async (line, words) => {
  await expect(optionsOf(line)).rejects.toThrow(UsageError)
  await expect(optionsOf(line)).rejects.toThrow(words)
})
