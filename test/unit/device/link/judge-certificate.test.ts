import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newKey } from '../../../../coordinator/tls/certificate.ts'
import { type CertificateRules, judgeCertificate } from '../../../../device/link/judge-certificate.ts'
import { DAY_MS, TestAuthority, type TestServerInit } from '../../../support/test-authority.ts'

const region = new TestAuthority()
/** Calls itself what the region's calls itself. */
const namesake = new TestAuthority()
const key = newKey()
const read = (pem: string) => new X509Certificate(pem)
const server = (init?: TestServerInit, by = region) => read(by.certificate(key, init))
const rules: CertificateRules = { caKeySha256: region.keySha256, host: '127.0.0.1', nowMs: Date.now() }

describe('a certificate [JOIN-4.2]', () => {
  const authority = read(region.pem)

  test('of the region is taken, by address and by name', () => {
    expect(judgeCertificate({ server: server(), authority }, rules)).toBeNull()
    expect(judgeCertificate({ server: server(), authority }, { ...rules, host: 'localhost' })).toBeNull()
  })

  test.each([
    ['no_authority', { server: server(), authority: undefined }],
    ['no_authority', { server: server(), authority: server() }],
    ['other_authority', { server: server({}, namesake), authority: read(namesake.pem) }],
    // The region's authority is public: anybody can show it behind a certificate of their own.
    ['not_signed', { server: server({}, namesake), authority }],
    ['not_signed', { server: authority, authority }],
  ])('%s', (fault, shown) => {
    expect(judgeCertificate(shown, rules)).toBe(fault)
  })

  test.each(['localhost.example', '127.0.0.2', '::1', 'example'])('is not for %s', host => {
    expect(judgeCertificate({ server: server(), authority }, { ...rules, host })).toBe('other_host')
  })
})

describe('the time of day [JOIN-4.3]', () => {
  const authority = read(region.pem)
  const ended = server({ days: [-90, -1] })
  const coming = server({ days: [1, 90] })

  test('decides when it is known', () => {
    expect(judgeCertificate({ server: ended, authority }, rules)).toBe('expired')
    expect(judgeCertificate({ server: coming, authority }, rules)).toBe('not_yet_valid')
    expect(judgeCertificate({ server: ended, authority }, { ...rules, nowMs: Date.now() - 30 * DAY_MS })).toBeNull()
  })

  test('decides nothing while it is not', () => {
    expect(judgeCertificate({ server: ended, authority }, { ...rules, nowMs: null })).toBeNull()
    expect(judgeCertificate({ server: coming, authority }, { ...rules, nowMs: null })).toBeNull()
  })

  test('never makes up for another fault', () => {
    expect(judgeCertificate({ server: ended, authority }, { ...rules, host: 'x', nowMs: null })).toBe('other_host')
  })
})
