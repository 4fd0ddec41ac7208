import { describe, expect, it } from 'vitest'
import { readProcessorTimes } from '../../../../hardware/host/processors.ts'
import { writeTree } from '../../../support/sysfs.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()

/** The beginning of `/proc/stat` of a Raspberry Pi 4. */
const PI4 = `cpu  74608 2520 24433 1117073 6176 4054 1000 700 0 0
cpu0 17000 600 6000 279000 1500 1000 250 175 0 0
cpu1 19000 640 6100 279300 1600 1000 250 175 0 0
cpu2 19304 640 6133 279400 1500 1027 250 175 0 0
cpu3 19304 640 6200 279373 1576 1027 250 175 0 0
intr 33622492 0 0
ctxt 38014093`

describe('readProcessorTimes', () => {
  it('counts what worked, and neither waiting nor what a host machine took', () => {
    const root = newFolder()
    writeTree(root, { 'proc/stat': PI4 })
    const busyTicks = 74_608 + 2_520 + 24_433 + 4_054 + 1_000
    expect(readProcessorTimes({ root })).toEqual({ processors: 4, busyMs: busyTicks * 10 })
  })

  it.each([
    ['no file', null],
    ['nothing in it', ''],
    ['another line first', 'cpux 1 2 3'],
    ['a column missing', 'cpu  1 2 3\ncpu0 1 2 3'],
    ['a column that is no number', 'cpu  1 2 x 4 5 6 7 8\ncpu0 1 2 x 4 5 6 7 8'],
    ['no processors', 'cpu  1 2 3 4 5 6 7 8'],
  ])('says nothing where there is %s', (_, text) => {
    const root = newFolder()
    if (text !== null) writeTree(root, { 'proc/stat': text })
    expect(readProcessorTimes({ root })).toBeNull()
  })

  it('reads this machine, whose count only grows', () => {
    const before = readProcessorTimes()
    const after = readProcessorTimes()
    expect(before?.processors).toBeGreaterThan(0)
    expect(after?.busyMs).toBeGreaterThanOrEqual(before?.busyMs ?? Number.NaN)
  })
})
