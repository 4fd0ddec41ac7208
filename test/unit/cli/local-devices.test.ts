import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, watch } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startLocalDevice } from '../../../cli/local-devices.ts'
import { systemClock } from '../../../protocol/node/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const tempDir = tempDirs()
const fixture = (name: string): string => new URL(`./fixtures/${name}`, import.meta.url).pathname
const io = { env: process.env, clock: systemClock, entry: fixture('idle-device.ts') }

/** Resolves when the file holds something, however it came there. */
async function firstLine(path: string): Promise<string> {
  const watcher = watch(path)
  try {
    for (;;) {
      const text = readFileSync(path, 'utf8')
      if (text.includes('\n')) return text
      await once(watcher, 'change')
    }
  } finally {
    watcher.close()
  }
}

test('a device gets its folder, its log and its claim, and stops when it is told', async () => {
  const stateDir = join(tempDir(), 'devices', 'one')
  const device = startLocalDevice({ stateDir, label: 'one', claim: 'secret', extraArgs: ['--json'] }, io)
  const said = JSON.parse(await firstLine(device.logFile))
  expect(said).toMatchObject({ label: 'one', claim: 'secret' })
  expect(said.words).not.toContain('secret')
  expect(statSync(device.logFile).mode & 0o777).toBe(0o600)
  await device.stop()
  expect(await device.exited).toBe(0)
  await device.stop()
})

test('a device that ends by itself is noticed', async () => {
  const device = startLocalDevice({ stateDir: tempDir(), label: 'two', extraArgs: ['--exit'] }, io)
  expect(await device.exited).toBe(2)
})

test('a device dies with its parent, even one that is killed', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const env = { ...process.env, ALIVE_PORT: String((server.address() as AddressInfo).port) }
  const parent = spawn(process.execPath, [fixture('parent.ts'), tempDir()], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [connection] = (await once(server, 'connection')) as [Socket]
  const [pid] = await once(parent.stdout, 'data')
  expect(process.kill(Number(pid), 0)).toBe(true)
  parent.kill('SIGKILL')
  await once(connection.resume(), 'close')
  server.close()
})
