import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeServerCertificate, newKey } from '../../../../coordinator/tls/certificate.ts'
import { integer, oid, sequence, time } from '../../../../coordinator/tls/der.ts'
import { utf8 } from '../../../../protocol/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { TestAuthority } from '../../../support/test-authority.ts'

const newFolder = tempDirs()
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('DER', () => {
  test.each([
    [integer(Uint8Array.of(0)), '020100'],
    [integer(Uint8Array.of(0, 0, 127)), '02017f'],
    [integer(Uint8Array.of(128)), '02020080'],
    [oid('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    [oid('2.5.29.17'), '0603551d11'],
    [time(Date.UTC(2026, 10, 21, 9, 5, 7)), `170d${hex(utf8('261121090507Z'))}`],
    [time(Date.UTC(2049, 11, 31, 23, 59, 59)), `170d${hex(utf8('491231235959Z'))}`],
    [time(Date.UTC(2050, 0, 1)), `180f${hex(utf8('20500101000000Z'))}`],
    [sequence(new Uint8Array(127)), `307f${'00'.repeat(127)}`],
    [sequence(new Uint8Array(128)), `308180${'00'.repeat(128)}`],
    [sequence(new Uint8Array(300)), `3082012c${'00'.repeat(300)}`],
  ])('%# is as X.690 has it', (bytes, expected) => {
    expect(hex(bytes)).toBe(expected)
  })
})

describe('certificates', () => {
  const names = { dns: ['localhost', 'region.example'], ips: ['127.0.0.1', '::1', '2001:db8::5'] }
  const authority = new TestAuthority()
  const key = newKey()
  const server = new X509Certificate(authority.certificate(key, { names }))

  test('say what they should', () => {
    const issuer = new X509Certificate(authority.pem)
    expect(issuer.ca).toBe(true)
    expect(issuer.verify(issuer.publicKey)).toBe(true)
    expect(server.ca).toBe(false)
    expect(server.checkPrivateKey(key)).toBe(true)
    expect(server.checkIssued(issuer) && server.verify(issuer.publicKey)).toBe(true)
    expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect([server.checkHost('region.example'), server.checkHost('other.example')]).toEqual([
      'region.example',
      undefined,
    ])
    expect([server.checkIP('2001:db8::5'), server.checkIP('127.0.0.2')]).toEqual(['2001:db8::5', undefined])
  })

  test.skipIf(!hasOpenssl).each([
    ['names of its own', 'localhost', 0],
    ['a private address', '192.168.7.9', 0],
    ['another site', 'bank.example', 2],
    ['a public address', '203.0.113.9', 2],
  ])('of an authority pass the strictest check of OpenSSL for %s (%s)', (_what, name, status) => {
    const folder = newFolder()
    const isAddress = /^[\d.]+$/.test(name)
    const of = { dns: isAddress ? ['localhost'] : [name], ips: isAddress ? [name] : [] }
    writeFileSync(join(folder, 'ca.pem'), authority.pem)
    writeFileSync(join(folder, 'server.pem'), authority.certificate(key, { names: of }))
    const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', 'ca.pem', 'server.pem']
    const run = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    expect(run.status, run.stderr).toBe(status)
    if (status !== 0) expect(run.stderr).toContain('permitted subtree violation')
  })

  test('keep a serial number that begins with a one bit positive', () => {
    const made = makeServerCertificate({
      name: 'x',
      publicKey: key,
      serial: Uint8Array.of(0xff, 1),
      names,
      authority: { name: 'Test authority', key: authority.key },
      notBeforeMs: 0,
      notAfterMs: 1,
    })
    expect(new X509Certificate(made).serialNumber).toBe('FF01')
  })
})
