import { X509Certificate } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openRegionAuthority } from '../../../../coordinator/tls/region-authority.ts'
import type { CertificateSource, HostNames } from '../../../../coordinator/tls/types.ts'
import { ConfigError, regionName, seededRandom } from '../../../../protocol/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { DAY_MS, LOCAL } from '../../../support/test-authority.ts'

const newFolder = tempDirs()
const START_MS = Date.UTC(2026, 10, 21)

function world(folder = join(newFolder(), 'tls')) {
  const state = { nowMs: START_MS, names: LOCAL as HostNames }
  const open = () =>
    openRegionAuthority(
      { clock: { wallMs: () => state.nowMs }, random: seededRandom('tls') },
      { folder, region: regionName('meadow'), names: () => state.names },
    )
  return { folder, state, open }
}

const serverOf = (source: CertificateSource) => new X509Certificate(source.credentials.chain)
const authorityOf = (source: CertificateSource) => new X509Certificate(source.authority?.pem ?? '')

describe('a region that is its own authority', () => {
  test('is the same one after a restart, and shows the same certificate', () => {
    const { open } = world()
    const first = open()
    const second = open()
    expect(second.authority).toEqual(first.authority)
    expect(second.credentials).toEqual(first.credentials)
    expect(second.refresh()).toBe(false)
  })

  test('keeps everything for its user alone, and does not go on with a key that others can read', () => {
    const { folder, open } = world()
    open()
    expect(readdirSync(folder).sort()).toEqual(['authority.key', 'authority.pem', 'server.pem'])
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    chmodSync(join(folder, 'authority.key'), 0o644)
    expect(open).toThrow(/can be read by other users of this machine: run 'chmod 600 /)
  })

  test('renews its server certificate a month before its end, under the same key of the authority', () => {
    const { state, open } = world()
    const source = open()
    const before = serverOf(source)
    state.nowMs += 59 * DAY_MS
    expect(source.refresh()).toBe(false)
    state.nowMs += 2 * DAY_MS
    expect(source.refresh()).toBe(true)
    expect(serverOf(source).serialNumber).not.toBe(before.serialNumber)
    expect(serverOf(source).verify(authorityOf(source).publicKey)).toBe(true)
    expect(open().credentials).toEqual(source.credentials)
  })

  test('renews its own certificate too, and what devices have pinned stays', () => {
    const { state, open } = world()
    const source = open()
    const { keySha256 } = source.authority ?? {}
    const before = authorityOf(source).validTo
    state.nowMs += 9.5 * 365 * DAY_MS
    expect(source.refresh()).toBe(true)
    expect(Date.parse(authorityOf(source).validTo)).toBeGreaterThan(Date.parse(before))
    expect(source.authority?.keySha256).toEqual(keySha256)
    expect(source.credentials.chain.endsWith(source.authority?.pem ?? '-')).toBe(true)
  })

  test('makes another certificate when it gets another name, and one for its authority when that may not vouch for it', () => {
    const { state, open } = world()
    const source = open()
    const before = source.authority?.pem
    state.names = { ...LOCAL, ips: ['127.0.0.1', '192.168.1.10'] }
    expect(source.refresh()).toBe(true)
    expect(serverOf(source).checkIP('192.168.1.10')).toBeDefined()
    expect(source.authority?.pem).toBe(before)
    state.names = { ...LOCAL, dns: ['localhost', 'region.example'] }
    expect(source.refresh()).toBe(true)
    expect(serverOf(source).checkHost('region.example')).toBeDefined()
    expect(source.authority?.pem).not.toBe(before)
  })

  test('made at a time that never was, it heals when the clock is set', () => {
    const { state, open } = world()
    state.nowMs = Date.UTC(2090, 0, 1)
    const source = open()
    const { keySha256 } = source.authority ?? {}
    state.nowMs = START_MS
    expect(source.refresh()).toBe(true)
    expect(Date.parse(serverOf(source).validFrom)).toBeLessThan(START_MS)
    expect(Date.parse(authorityOf(source).validFrom)).toBeLessThan(START_MS)
    expect(source.authority?.keySha256).toEqual(keySha256)
  })

  test.each([
    ['is missing', (path: string) => rmSync(path)],
    ['is cut short', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 400))],
    ['is empty', (path: string) => writeFileSync(path, '')],
  ])('makes a certificate that %s anew', (_what, harm) => {
    const { folder, open } = world()
    const { authority } = open()
    for (const name of ['server.pem', 'authority.pem']) {
      harm(join(folder, name))
      const again = open()
      expect(serverOf(again).verify(authorityOf(again).publicKey)).toBe(true)
      expect(again.authority?.keySha256).toEqual(authority?.keySha256)
    }
  })

  test('says what to do about a key that is none', () => {
    const { folder, open } = world()
    open()
    writeFileSync(join(folder, 'authority.key'), 'oops')
    expect(open).toThrow(ConfigError)
    expect(open).toThrow(/is damaged: it is no private key\. Restore it from your backup, or remove it/)
  })
})
