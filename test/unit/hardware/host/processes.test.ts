import { describe, expect, it } from 'vitest'
import { readCommandName, readProcesses, treeUsedMs } from '../../../../hardware/host/processes.ts'
import { type Tree, writeTree } from '../../../support/sysfs.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()

/** `/proc/<pid>/stat` as Linux 6.6 writes it. @param ticks - user, system, and both of ended children */
function stat(pid: number, name: string, parent: number, ticks: readonly [number, number, number, number]): Tree {
  const before = `${pid} (${name}) S ${parent} ${pid} ${pid} 0 -1 4194560 5032 100 1 0`
  return {
    [`proc/${pid}/stat`]: `${before} ${ticks.join(' ')} 30 10 12 0 1234 600000000 9000 18446744073709551615 1 1`,
  }
}

const TREE: Tree = {
  ...stat(1, 'systemd', 0, [100, 50, 4000, 3000]),
  ...stat(500, 'node', 1, [20, 10, 5, 3]),
  ...stat(600, 'node', 500, [300, 20, 0, 0]),
  ...stat(601, 'MainThread', 600, [7, 0, 0, 0]),
  ...stat(700, 'kodi) S 500 (bin', 1, [900, 90, 0, 0]),
  'proc/uptime': '10 20',
  'proc/900/comm': 'gone',
  'proc/901/stat': '901 (cut',
}

function recorded(): string {
  const root = newFolder()
  writeTree(root, TREE)
  return root
}

describe('readProcesses', () => {
  it('reads names with brackets, and leaves out what has gone or makes no sense', () => {
    const processes = readProcesses({ root: recorded() }) ?? []
    expect(processes.map(({ pid, parentPid, name }) => [pid, parentPid, name])).toEqual([
      [1, 0, 'systemd'],
      [500, 1, 'node'],
      [600, 500, 'node'],
      [601, 600, 'MainThread'],
      [700, 1, 'kodi) S 500 (bin'],
    ])
  })

  it('says nothing where there is no /proc', () => {
    expect(readProcesses({ root: newFolder() })).toBeNull()
  })

  it('finds this very process', () => {
    expect(readProcesses()).toContainEqual(expect.objectContaining({ pid: process.pid, parentPid: process.ppid }))
  })
})

describe('treeUsedMs', () => {
  it.each([
    [500, 10 * (20 + 10 + 5 + 3 + 300 + 20 + 7)],
    [600, 10 * (300 + 20 + 7)],
    [601, 70],
    [4711, 0],
  ])('sums process %i, what it started and what its ended children used', (pid, usedMs) => {
    expect(treeUsedMs(readProcesses({ root: recorded() }) ?? [], pid)).toBe(usedMs)
  })
})

describe('readCommandName', () => {
  it.each([
    ['/usr/lib/kodi/kodi.bin\0--standalone\0', 'kodi.bin'],
    ['steamlink\0', 'steamlink'],
    ['', ''],
  ])('reads %j as %j', (cmdline, name) => {
    const root = newFolder()
    writeTree(root, { 'proc/700/cmdline': cmdline })
    expect(readCommandName(700, { root })).toBe(name)
    expect(readCommandName(701, { root })).toBeNull()
  })
})
