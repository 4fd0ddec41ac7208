import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import type { DeviceEvent } from '../../../../device/log.ts'
import { systemdWatcher } from '../../../../device/watchdog-systemd.ts'

const NONE = () => {}
const SERVICE = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '180000000' }

describe('the watcher of a service', () => {
  test('wants a sign three times as often as systemd would wait, and once a minute at least', () => {
    expect(systemdWatcher(SERVICE, 7, NONE)?.everyMs).toBe(60_000)
    expect(systemdWatcher({ ...SERVICE, WATCHDOG_USEC: '9000000' }, 7, NONE)?.everyMs).toBe(3_000)
  })

  test.each([
    ['nobody watches', {}],
    ['the unit has no WatchdogSec=', { NOTIFY_SOCKET: '/run/systemd/notify' }],
    ['another process is watched', { ...SERVICE, WATCHDOG_PID: '8' }],
    ['systemd says nonsense', { ...SERVICE, WATCHDOG_USEC: 'soon' }],
  ])('is none when %s', (_, environment) => {
    expect(systemdWatcher(environment, 7, NONE)).toBeNull()
  })

  test('complains once when systemd-notify is missing', async () => {
    const events: DeviceEvent[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const log = (event: DeviceEvent) => {
      events.push(event)
      resolve()
    }
    const watcher = systemdWatcher({ ...SERVICE, WATCHDOG_PID: '7' }, 7, log, '/nowhere/systemd-notify')
    watcher?.alive('well')
    await promise
    watcher?.alive('well')
    await new Promise(setImmediate)
    expect(events).toEqual([{ level: 'warn', event: 'watchdog_unheard', reason: expect.stringContaining('ENOENT') }])
  })
})

/** Listens as systemd does, and prints one datagram. */
const LISTENER = `
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("ready", flush=True)
print(repr(listener.recv(4096).decode()), flush=True)
`
const TOOLS = [
  ['/usr/bin/systemd-notify', '--version'],
  ['/usr/bin/python3', '--version'],
] as const
const hasTools = TOOLS.every(([tool, argument]) => spawnSync(tool, [argument]).status === 0)
if (!hasTools) console.warn('SKIPPED: the real systemd-notify, since it or python3 is not installed.')

test.skipIf(!hasTools)('the real systemd-notify brings the sign, and the status on one line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-notify-'))
  const socket = join(folder, 'notify')
  const listener = spawn('/usr/bin/python3', ['-c', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  const heard: string[] = []
  try {
    for await (const line of createInterface(listener.stdout)) {
      heard.push(line)
      if (heard.length > 1) break
      systemdWatcher({ ...SERVICE, NOTIFY_SOCKET: socket }, 7, NONE)?.alive('joined\nnorth')
    }
  } finally {
    listener.kill()
    rmSync(folder, { recursive: true })
  }
  expect(heard[1]).toBe(`'STATUS=joined north\\nWATCHDOG=1'`)
})
