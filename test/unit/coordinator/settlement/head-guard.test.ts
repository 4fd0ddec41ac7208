import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openHeadGuard } from '../../../../coordinator/settlement/head-guard.ts'
import { ConfigError } from '../../../../protocol/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newDir = tempDirs()
const HEAD = { size: 7, root: new Uint8Array(32).fill(9) }

function failureOf(work: () => unknown): ConfigError {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error as ConfigError
  }
  throw new Error('Nothing was refused.')
}

test('keeps the last state, whole, for its own user only', async () => {
  const dir = newDir()
  const guard = openHeadGuard(join(dir, 'log-head.json'))
  expect(guard.read()).toBeNull()
  await guard.write(HEAD)
  expect(guard.read()).toEqual(HEAD)
  await guard.write({ ...HEAD, size: 8 })
  expect(openHeadGuard(guard.path).read()).toEqual({ ...HEAD, size: 8 })
  expect(readdirSync(dir)).toEqual(['log-head.json'])
  expect(statSync(guard.path).mode & 0o777).toBe(0o600)
})

test('is the state before when the power goes while the next is written', async () => {
  const guard = openHeadGuard(join(newDir(), 'log-head.json'))
  await guard.write(HEAD)
  writeFileSync(`${guard.path}.new`, '{"size":8,"ro')
  expect(guard.read()).toEqual(HEAD)
  await guard.write({ ...HEAD, size: 9 })
  expect(guard.read()?.size).toBe(9)
  expect(existsSync(`${guard.path}.new`)).toBe(false)
})

test.each([
  ['nothing', ''],
  ['half of it', '{"size":7,"root":"CQkJ'],
  ['another size', '{"size":-1,"root":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk="}'],
  ['a text for a size', '{"size":"7","root":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk="}'],
  ['a short root', '{"size":7,"root":"CQkJ"}'],
  ['no root', '{"size":7}'],
  ['null', 'null'],
])('refuses a file that holds %s', (_, text) => {
  const path = join(newDir(), 'log-head.json')
  writeFileSync(path, text)
  const failure = failureOf(() => openHeadGuard(path).read())
  expect(failure.code).toBe('damaged')
  expect(failure.message).toContain(path)
})

test('says what to do when the folder is not its own', async () => {
  const path = join(newDir(), 'log-head.json')
  mkdirSync(`${path}.new`)
  const failure = await openHeadGuard(path)
    .write(HEAD)
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ConfigError)
  expect((failure as ConfigError).message).toContain('give this user access')
  mkdirSync(path)
  expect(failureOf(() => openHeadGuard(path).read()).code).toBe('bad_option')
})

test('says in plain text what it is', async () => {
  const guard = openHeadGuard(join(newDir(), 'log-head.json'))
  await guard.write(HEAD)
  expect(JSON.parse(readFileSync(guard.path, 'utf8'))).toEqual({ size: 7, root: `${'CQkJ'.repeat(10)}CQk=` })
})
