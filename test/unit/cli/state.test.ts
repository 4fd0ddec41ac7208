import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { connectForJobs, connectOperator, connectSubmitterAs } from '../../../cli/connection.ts'
import { readAdminFile, readSubmitterTokens, saveSubmitterToken, stateFolder } from '../../../cli/state.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { fakeIo } from './fake-io.ts'

const tempDir = tempDirs()

function stateWithCoordinator(): string {
  const state = tempDir()
  mkdirSync(join(state, 'coordinator'))
  const file = { httpUrl: 'http://here', mqttUrl: 'mqtt://here', region: 'here', adminToken: 'root', pid: 1 }
  writeFileSync(join(state, 'coordinator', 'admin.json'), JSON.stringify(file))
  return state
}

test('the folder is that of the option, of the environment, or the usual one', () => {
  const io = fakeIo({ cwd: '/home/me', env: { HEDGEROW_STATE: '/var/lib/hedgerow' } })
  expect(stateFolder(io, 'here')).toBe('/home/me/here')
  expect(stateFolder(io, undefined)).toBe('/var/lib/hedgerow')
  expect(stateFolder(fakeIo({ cwd: '/home/me' }), undefined)).toBe('/home/me/.hedgerow')
})

test('tokens are kept where only their user can read them', () => {
  const state = join(tempDir(), 'new')
  saveSubmitterToken(state, 'me', 'one')
  saveSubmitterToken(state, 'you', 'two')
  expect(readSubmitterTokens(state)).toEqual({ me: 'one', you: 'two' })
  expect(statSync(join(state, 'submitters.json')).mode & 0o777).toBe(0o600)
})

test.each([
  ['{"httpUrl": 1}', 'httpUrl'],
  ['not json', 'not JSON'],
  ['[]', 'not a JSON object'],
])('a damaged file %s is named', (text, reason) => {
  const state = stateWithCoordinator()
  writeFileSync(join(state, 'coordinator', 'admin.json'), text)
  expect(() => readAdminFile(state)).toThrow(reason)
  expect(readFileSync(join(state, 'coordinator', 'admin.json'), 'utf8')).toBe(text)
})

describe('who a command speaks as', () => {
  test('the operator, by the file of the coordinator', () => {
    const state = stateWithCoordinator()
    expect(connectOperator(fakeIo(), state)).toMatchObject({ httpUrl: 'http://here', token: 'root' })
    expect(connectForJobs(fakeIo(), state, undefined)).toMatchObject({ token: 'root' })
  })

  test('the only submitter, or the one that is named', () => {
    const state = stateWithCoordinator()
    expect(() => connectSubmitterAs(fakeIo(), state, undefined)).toThrow('hedgerow submitter add NAME')
    saveSubmitterToken(state, 'me', 'one')
    expect(connectSubmitterAs(fakeIo(), state, undefined)).toMatchObject({ token: 'one' })
    saveSubmitterToken(state, 'you', 'two')
    expect(() => connectSubmitterAs(fakeIo(), state, undefined)).toThrow('--as NAME; known here are me, you')
    expect(connectForJobs(fakeIo(), state, 'you')).toMatchObject({ token: 'two' })
    expect(() => connectSubmitterAs(fakeIo(), state, 'toString')).toThrow("'hedgerow submitter add toString'")
  })

  test('whoever the environment says', () => {
    const io = fakeIo({ env: { HEDGEROW_URL: 'https://far', HEDGEROW_TOKEN: 'three' } })
    expect(connectSubmitterAs(io, undefined, undefined)).toMatchObject({ httpUrl: 'https://far', token: 'three' })
    expect(() => connectOperator(fakeIo({ env: { HEDGEROW_URL: 'https://far' } }), undefined)).toThrow('HEDGEROW_TOKEN')
    const wrong = fakeIo({ env: { HEDGEROW_URL: 'far:80', HEDGEROW_TOKEN: 'x' } })
    expect(() => connectOperator(wrong, undefined)).toThrow('must start with http')
  })

  test('nobody, where no coordinator was started', () => {
    expect(() => connectOperator(fakeIo({ cwd: tempDir() }), undefined)).toThrow("start one with 'hedgerow up'")
  })
})
