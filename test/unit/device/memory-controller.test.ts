import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { memorySentence } from '../../../device/memory-bounds.ts'
import { type MemoryController, readMemoryController } from '../../../device/memory-controller.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const newFolder = tempDirs()

const SERVICE = '/system.slice/hedgerow-device.service'
const V2 = (path: string) => `0::${path}\n`
const V1 = (path: string) => `9:name=systemd:/\n5:cpu,memory:${path}\n2:cpuset:/\n0::/\n`

test.each<[title: string, files: Record<string, string>, found: MemoryController]>([
  ['no control groups', {}, { kind: 'absent' }],
  [
    'a Raspberry Pi as it comes, with the controller switched off',
    {
      'proc/self/cgroup': V2(SERVICE),
      'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io pids\n',
      // What systemd would have written is not there.
    },
    { kind: 'off' },
  ],
  [
    'a service with a limit',
    {
      'proc/self/cgroup': V2(SERVICE),
      'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
      [`sys/fs/cgroup${SERVICE}/memory.max`]: '805306368\n',
      'sys/fs/cgroup/system.slice/memory.max': 'max\n',
    },
    { kind: 'limits', bytes: 805_306_368 },
  ],
  [
    'a smaller limit further up',
    {
      'proc/self/cgroup': V2(SERVICE),
      'sys/fs/cgroup/cgroup.controllers': 'memory\n',
      [`sys/fs/cgroup${SERVICE}/memory.max`]: '805306368\n',
      'sys/fs/cgroup/system.slice/memory.max': '1000000\n',
    },
    { kind: 'limits', bytes: 1_000_000 },
  ],
  [
    'a container, which sees its own group as the top',
    {
      'proc/self/cgroup': V2('/'),
      'sys/fs/cgroup/cgroup.controllers': 'memory\n',
      'sys/fs/cgroup/memory.max': '536870912\n',
    },
    { kind: 'limits', bytes: 536_870_912 },
  ],
  [
    'a shell of a user',
    {
      'proc/self/cgroup': V2('/user.slice/user-1000.slice/session-1.scope'),
      'sys/fs/cgroup/cgroup.controllers': 'memory\n',
      'sys/fs/cgroup/user.slice/memory.max': 'max\n',
    },
    { kind: 'unlimited' },
  ],
  [
    'the first version with a limit',
    {
      'proc/self/cgroup': V1('/device'),
      'sys/fs/cgroup/memory/device/memory.limit_in_bytes': '1073741824\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    },
    { kind: 'limits', bytes: 1_073_741_824 },
  ],
  [
    'the first version without one',
    {
      'proc/self/cgroup': V1('/'),
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    },
    { kind: 'unlimited' },
  ],
  ['the first version without the controller', { 'proc/self/cgroup': '3:cpuset:/\n1:cpu:/\n' }, { kind: 'off' }],
])('reads %s', (_title, files, found) => {
  const root = newFolder()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  expect(readMemoryController({ root })).toEqual(found)
})

test('says what bounds memory, and what to do where nothing does', () => {
  expect(memorySentence({ sandbox: 'kernel', controller: { kind: 'limits', bytes: 805_306_368 } })).toBe(
    'The kernel bounds the memory of each task. All of the device may have 768 MiB.',
  )
  expect(memorySentence({ sandbox: 'kernel', controller: { kind: 'off' } })).toMatch(
    /controller is off.*: add cgroup_enable=memory to the kernel command line\.$/,
  )
  expect(memorySentence({ sandbox: 'watch', controller: { kind: 'absent' } })).toMatch(
    /^The memory of each task is looked at.*: install util-linux, with setpriv and prlimit, for a bound by the kernel\.$/,
  )
})
