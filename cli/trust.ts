/** Whose certificates this command believes: known authorities, those of the operating system, and the region's own. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AUTHORITY_FILE } from '../device/keep-authority.ts'
import { ConfigError } from '../protocol/index.ts'
import type { Io } from './io.ts'

/** The file of the authority of a region that is asked by its address. */
const CA_VARIABLE = 'HEDGEROW_CA'

/**
 * Makes this process believe an authority when it asks an address with `https://`.
 * @param pem - the authority's certificate; null for none beside the known ones
 */
export function trustFor(url: string, pem: string | null): void {
  if (!url.startsWith('https:')) return
  // Most commands and most devices never need it.
  const { getCACertificates, setDefaultCACertificates } = process.getBuiltinModule('node:tls')
  const known = [...getCACertificates('default'), ...getCACertificates('system')]
  setDefaultCACertificates(pem === null ? known : [...known, pem])
}

/**
 * {@link trustFor} the authority in the file `$HEDGEROW_CA`, if there is one.
 * @throws {ConfigError} `bad_option` when that cannot be used
 */
export function trustFromEnvironment(io: Pick<Io, 'env' | 'cwd'>, url: string): void {
  const file = io.env[CA_VARIABLE]
  trustFor(url, file ? readAuthority(resolve(io.cwd, file)) : null)
}

/** {@link trustFor} the authority that a device has found behind its region. */
export function trustAsDevice(stateDir: string, url: string): void {
  const path = join(stateDir, AUTHORITY_FILE)
  trustFor(url, existsSync(path) ? readFileSync(path, 'utf8') : null)
}

function readAuthority(path: string): string {
  let reason = 'it holds no certificate in PEM form'
  let cause: unknown
  try {
    const pem = readFileSync(path, 'utf8')
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem
  } catch (thrown) {
    reason = 'it cannot be read'
    cause = thrown
  }
  const message = `The file ${path}, which ${CA_VARIABLE} names, cannot be used: ${reason}. A region shows its own at /ca.pem.`
  throw new ConfigError({ code: 'bad_option', path: CA_VARIABLE, reason }, message, { cause })
}
