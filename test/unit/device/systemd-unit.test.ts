/** The service file that ships with the device. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const PATH = join(ROOT, 'device', 'systemd', 'hedgerow-device.service')
const unit = readFileSync(PATH, 'utf8')
const settings = [...unit.matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, name = '', value = '']) => ({ name, value }))
const value = (name: string) => settings.filter(setting => setting.name === name).map(setting => setting.value)

const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' })
const hasSystemd = analyze('--version').status === 0
if (!hasSystemd) console.warn('SKIPPED: what systemd says of the service file, since it is not installed.')

test('every line of the service file is explained', () => {
  const docs = readFileSync(join(ROOT, 'docs', 'sandbox.md'), 'utf8')
  const names = new Set(settings.map(({ name }) => name))
  names.delete('Description')
  expect(names.size).toBeGreaterThan(30)
  expect([...names].filter(name => !docs.includes(`\`${name}=`))).toEqual([])
})

test('the service file leaves the device what it cannot do without', () => {
  // V8 writes the code it runs.
  expect(value('MemoryDenyWriteExecute')).toEqual([])
  // Node counts the processors in /proc.
  expect(value('ProcSubset')).toEqual([])
  // setpriv makes this call; a later line adds to what earlier ones allow.
  expect(value('SystemCallFilter').at(-1)).toBe('capset')
  // One sandbox that runs out of memory must not end the device.
  expect(value('OOMPolicy')).toEqual(['continue'])
})

describe.skipIf(!hasSystemd)('systemd', () => {
  test('finds no fault with the service file', () => {
    const { status, stderr } = analyze('verify', PATH)
    expect(stderr.split('\n').filter(line => line.includes('hedgerow'))).toEqual([])
    expect(status).toBe(0)
  })

  test.each(['hedgerow-device-again.service', 'hedgerow-device-again.timer'])('finds no fault with %s', name => {
    const { status, stderr } = analyze('verify', join(ROOT, 'device', 'systemd', name))
    expect(stderr.split('\n').filter(line => line.includes('hedgerow'))).toEqual([])
    expect(status).toBe(0)
  })

  test('rates its exposure below 2 of 10', () => {
    const { status, stdout } = analyze('security', '--offline=true', '--threshold=20', '--no-pager', PATH)
    expect(stdout).toMatch(/Overall exposure level for hedgerow-device\.service: 1\.\d OK/)
    expect(status).toBe(0)
  })
})
