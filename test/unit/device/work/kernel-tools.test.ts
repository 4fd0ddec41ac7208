import { join } from 'node:path'
import { expect, test } from 'vitest'
import { confined, kernelToolsWork, limitData } from '../../../../device/work/kernel-tools.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const tempDir = tempDirs()

test('the kernel is asked to kill a sandbox with its parent before anything else is started', () => {
  const command = confined({ setpriv: '/bin/setpriv', prlimit: '/bin/prlimit' }, ['/bin/node', '--flag', 'main.js'])
  expect(command.join(' ')).toMatch(
    /^\/bin\/setpriv --no-new-privs --pdeathsig KILL -- \/bin\/prlimit (--\w+=\d+ )+-- \/bin\/node --flag main\.js$/,
  )
})

test('tools that are there and do not do it are found out', async () => {
  expect(kernelToolsWork({ setpriv: '/bin/false', prlimit: '/bin/true' })).toBe(false)
  const missing = join(tempDir(), 'prlimit')
  expect(kernelToolsWork({ setpriv: missing, prlimit: missing })).toBe(false)
  expect(await limitData({ setpriv: missing, prlimit: missing }, process.pid, 1_000_000_000)).toBe(false)
})
