import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openOwnCertificate } from '../../../../coordinator/tls/own-certificate.ts'
import { ConfigError } from '../../../../protocol/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { TestAuthority, type TestServerInit } from '../../../support/test-authority.ts'

const newFolder = tempDirs()
const authority = new TestAuthority()

function files(init?: TestServerInit) {
  const folder = newFolder()
  const certFile = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  const warnings: string[] = []
  const write = (with_?: TestServerInit) => {
    const { chain, key } = authority.credentials(with_)
    writeFileSync(certFile, chain)
    writeFileSync(keyFile, key)
  }
  write(init)
  const open = (publicHost = '127.0.0.1') =>
    openOwnCertificate(
      { clock: { wallMs: () => Date.now() }, warn: reason => warnings.push(reason) },
      { certFile, keyFile, publicHost },
    )
  return { certFile, keyFile, write, open, warnings }
}

test('a certificate of the operator is read again when its files have changed', () => {
  const { write, open, warnings } = files()
  const source = open()
  const { chain } = source.credentials
  expect(source.authority).toBeNull()
  expect(source.refresh()).toBe(false)
  write()
  expect(source.refresh()).toBe(true)
  expect(source.credentials.chain).not.toBe(chain)
  expect(warnings).toEqual([])
})

test('files that cannot be used any more are told of, and the region goes on with those before', () => {
  const { keyFile, open, warnings } = files()
  const source = open()
  const { key } = source.credentials
  rmSync(keyFile)
  expect(source.refresh()).toBe(false)
  expect(source.credentials.key).toBe(key)
  expect(warnings).toEqual([`There is no file ${keyFile}, which was named as the key of --tls-key: check its path.`])
})

test.each<[string, (made: ReturnType<typeof files>) => void, RegExp, string?]>([
  [
    'no file',
    ({ certFile }) => rmSync(certFile),
    /^There is no file .*cert\.pem, which was named as the certificate of --tls-cert/,
  ],
  [
    'no certificate',
    ({ certFile }) => writeFileSync(certFile, 'x'),
    /cert\.pem cannot be used for TLS: it holds no certificate in PEM form\.$/,
  ],
  [
    'no key',
    ({ keyFile }) => writeFileSync(keyFile, 'x'),
    /key\.pem cannot be used for TLS: it holds no private key without a password/,
  ],
  [
    'another key',
    ({ keyFile }) => writeFileSync(keyFile, authority.credentials().key),
    /it is not the key of the certificate in /,
  ],
  [
    'another host',
    () => {},
    /it is for localhost, 127\.0\.0\.1 and not for region\.example; name one of its names with --public-host\.$/,
    'region.example',
  ],
  ['a past time', ({ write }) => write({ days: [-9, -1] }), /it was valid until .*; renew it\.$/],
])('%s: a sentence that says so', (_what, harm, sentence, host) => {
  const made = files()
  harm(made)
  expect(() => made.open(host)).toThrow(ConfigError)
  expect(() => made.open(host)).toThrow(sentence)
})
