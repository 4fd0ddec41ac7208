import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const main = new URL('../../../cli/main.ts', import.meta.url).pathname

function hedgerow(args: readonly string[], nodeArgs: readonly string[] = []) {
  return spawnSync(process.execPath, [...nodeArgs, main, ...args], { encoding: 'utf8' })
}

test('an old Node is told so in one sentence', () => {
  const old =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})'
  const { status, stdout, stderr } = hedgerow(['up'], ['--import', old])
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toBe(
    'hedgerow needs Node 24.5 or newer and this is 20.19.0: install a newer one from https://nodejs.org.\n',
  )
})

test('the process has the command’s output and exit code', () => {
  expect(hedgerow(['help'])).toMatchObject({ status: 0, stderr: '' })
  expect(hedgerow(['nonsense', '--json'])).toMatchObject({ status: 2, stdout: expect.stringMatching(/^\{"ok":false/) })
})

test('a reader that goes away early is no error', () => {
  const line = `"${process.execPath}" "${main}" help | true`
  expect(spawnSync('sh', ['-c', line], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
})
