import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { devicePid, leavePid } from '../../../device/pid-file.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const newFolder = tempDirs()

it('names this process for as long as it says', () => {
  const folder = newFolder()
  expect(devicePid(folder)).toBeNull()
  const takeAway = leavePid(folder)
  expect(devicePid(folder)).toBe(process.pid)
  takeAway()
  expect(readdirSync(folder)).toEqual([])
})

it.each(['', 'x', '-1', '0', '1.5'])('reads no process from %j', text => {
  const folder = newFolder()
  writeFileSync(join(folder, 'device.pid'), text)
  expect(devicePid(folder)).toBeNull()
})

it('does without a folder that cannot be written', () => {
  const folder = join(newFolder(), 'missing')
  expect(() => leavePid(folder)()).not.toThrow()
})
