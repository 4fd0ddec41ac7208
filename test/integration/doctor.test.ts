/** `hedgerow doctor` on a real region and a real device: well, without its broker, and after the doctor has looked. */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { doctor } from '../../cli/commands/doctor.ts'
import { run } from '../../cli/run.ts'
import type { Finding } from '../../protocol/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { TestRegion } from '../support/test-region.ts'
import { fakeIo } from '../unit/cli/fake-io.ts'

interface Found {
  ok: boolean
  machine: Finding[]
  device?: Finding[]
  coordinator?: Finding[]
}

const entry = join(import.meta.dirname, '../../cli/main.ts')

/** Runs the command as somebody in a terminal does, and reads its JSON. */
async function look(...words: string[]): Promise<{ exit: number; found: Found; broken: string[] }> {
  const io = { ...fakeIo(), clock: systemClock, entry }
  const exit = await run(['doctor', ...words, '--json'], io, [doctor])
  const found = JSON.parse(io.stdout.text()) as Found
  const all = [...found.machine, ...(found.device ?? []), ...(found.coordinator ?? [])]
  return { exit, found, broken: all.filter(({ verdict }) => verdict === 'broken').map(({ check }) => check) }
}

const says = (findings: readonly Finding[] | undefined, check: string) =>
  (findings ?? []).filter(one => one.check === check).map(({ verdict, says }) => `${verdict}: ${says}`)

test('finds a region and its device well, and harms neither', async () => {
  await using region = await TestRegion.start()
  const { device, stateDir } = await region.join('ada')
  const atDevice = await look('--folder', stateDir)
  expect(atDevice.broken).toEqual([])
  expect(atDevice.exit).toBe(0)
  expect(says(atDevice.found.device, 'device')).toEqual([`ok: The device runs, as process ${process.pid}.`])
  expect(says(atDevice.found.device, 'broker')[0]).toMatch(/^ok: The broker at 127\.0\.0\.1:\d+ answers\.$/)
  expect(says(atDevice.found.device, 'http')[0]).toMatch(/^ok: Content can be fetched/)
  expect(says(atDevice.found.device, 'sandbox')[0]).toMatch(/^ok: A task ran in the sandbox and gave the right answer/)
  expect(says(atDevice.found.machine, 'clock')).toContain('ok: The clock agrees with the coordinator’s.')
  const atCoordinator = await look('--state', region.dir)
  expect(atCoordinator.broken).toEqual([])
  expect(Object.keys(atCoordinator.found)).toEqual(['ok', 'machine', 'coordinator'])
  expect(says(atCoordinator.found.coordinator, 'coordinator')).toEqual(['ok: The coordinator runs and does its work.'])
  // The doctor came as a stranger without a password, and the device is still welcome.
  expect(device.state).toBe('joined')
  expect((await region.member(device)).standing).toBe('joined')
  expect(region.fatal).toEqual([])
})

test('finds the broker gone and the key exposed, and leaves a database that starts again', async () => {
  await using region = await TestRegion.start()
  const { device, stateDir } = await region.join('ada')
  await device.stop()
  await region.stopCoordinator()
  chmodSync(join(stateDir, 'device.key'), 0o644)
  const atDevice = await look('--folder', stateDir)
  expect(atDevice.exit).toBe(1)
  expect(new Set(atDevice.broken)).toEqual(new Set(['permissions', 'broker', 'http']))
  expect(says(atDevice.found.device, 'broker')[0]).toContain('nothing listens on that port')
  expect(says(atDevice.found.device, 'database')).toEqual(['ok: The database is sound.'])
  const atCoordinator = await look('--state', region.dir)
  expect(atCoordinator.broken).toEqual([])
  expect(says(atCoordinator.found.coordinator, 'ports')).toHaveLength(2)
  expect(says(atCoordinator.found.coordinator, 'log')[0]).toMatch(
    /^ok: The log holds all \d+ entries that were signed\.$/,
  )
  chmodSync(join(stateDir, 'device.key'), 0o600)
  await region.startCoordinator()
  const again = await region.join('ada', { stateDir, claim: undefined })
  expect(again.device.id).toBe(device.id)
})

test('finds the certificate of a region with TLS, and the authority that the claim names', async () => {
  await using region = await TestRegion.start({ coordinator: { tls: { mqttPort: 0 } } })
  const { stateDir } = await region.join('ada')
  const { broken, found } = await look('--folder', stateDir)
  expect(broken).toEqual([])
  expect(says(found.device, 'certificate')[0]).toMatch(/^ok: The broker's certificate is good until \d{4}-\d\d-\d\d\.$/)
  const atCoordinator = await look('--state', region.dir)
  expect(atCoordinator.broken).toEqual([])
  expect(says(atCoordinator.found.coordinator, 'certificate')[0]).toMatch(/^ok: The certificate is good until/)
})
