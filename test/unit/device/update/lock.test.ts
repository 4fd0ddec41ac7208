import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { lockFolder } from '../../../../device/update/lock.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const tempDir = tempDirs()

test('a folder has one updater at a time', () => {
  const dir = tempDir()
  const unlock = lockFolder(dir)
  expect(() => lockFolder(dir, 10)).toThrow(/Another update is under way/)
  unlock()
  lockFolder(dir, 10)()
})

test('the lock of a process that was killed is free', async () => {
  const dir = tempDir()
  const module = JSON.stringify(new URL('../../../../device/update/lock.ts', import.meta.url).href)
  const source = `import { lockFolder } from ${module}; globalThis.unlock = lockFolder(${JSON.stringify(dir)}); console.log('locked'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  expect(() => lockFolder(dir, 10)).toThrow(/Another update is under way/)
  child.kill('SIGKILL')
  await once(child, 'exit')
  lockFolder(dir, 10)()
})
