/** What commands and their people see of a region behind TLS, in processes of their own. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestAuthority } from '../support/test-authority.ts'
import { TestRegion } from '../support/test-region.ts'

const main = join(import.meta.dirname, '../../cli/main.ts')
let region: TestRegion

beforeAll(async () => {
  region = await TestRegion.start({ coordinator: { tls: { mqttPort: 0 } } })
  await region.join('ann')
})
afterAll(() => region[Symbol.asyncDispose]())

async function hedgerow(line: string, env: Record<string, string>): Promise<{ out: string; err: string }> {
  const plain = { PATH: process.env.PATH ?? '', HOME: region.dir }
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...line.split(' ')], {
      cwd: region.dir,
      env: { ...plain, ...env },
    })
    return { out: stdout, err: stderr }
  } catch (thrown) {
    const { stdout, stderr } = thrown as { stdout: string; stderr: string }
    return { out: stdout, err: stderr }
  }
}

const remote = () => ({ HEDGEROW_URL: region.coordinator.httpUrl, HEDGEROW_TOKEN: region.coordinator.adminToken })

test('commands in the region’s folder know it by themselves', async () => {
  const { out, err } = await hedgerow(`device list --state ${region.dir}`, {})
  expect(err).toBe('')
  expect(out).toMatch(/ ann +online /)
})

test('others are told its authority, and say so when they are not', async () => {
  const stranger = join(region.dir, 'stranger.pem')
  writeFileSync(stranger, new TestAuthority().pem)
  const known = await hedgerow('device list', { ...remote(), HEDGEROW_CA: join(region.stateDir, 'tls/authority.pem') })
  expect(known.out).toMatch(/ ann +online /)
  const sentence =
    /^hedgerow: What answers at https:.* cannot be trusted: its certificate's authority is not known here; name .* HEDGEROW_CA\.\n$/
  expect((await hedgerow('device list', remote())).err).toMatch(sentence)
  expect((await hedgerow('device list', { ...remote(), HEDGEROW_CA: stranger })).err).toMatch(sentence)
  expect((await hedgerow('device list', { ...remote(), HEDGEROW_CA: 'none.pem' })).err).toMatch(
    /^hedgerow: The file .*none\.pem, which HEDGEROW_CA names, cannot be used: it cannot be read\./,
  )
})

test('an address of the wrong kind is a sentence', async () => {
  const plain = { ...remote(), HEDGEROW_URL: region.coordinator.httpUrl.replace('https', 'http') }
  expect((await hedgerow('device list', plain)).err).toBe(
    'hedgerow: This port speaks HTTPS only: write https:// in place of http://.\n',
  )
})

test('the log is checked through TLS', async () => {
  const { out } = await hedgerow('ledger verify', {
    ...remote(),
    HEDGEROW_CA: join(region.stateDir, 'tls/authority.pem'),
  })
  expect(out).toMatch(/^ledger verify: ok/)
})
