/** Authorities and certificates for tests: as they should be, and as they should not. */
import { createHash, type KeyObject } from 'node:crypto'
import { keyPem, makeAuthority, makeServerCertificate, newKey, spkiOf } from '../../coordinator/tls/certificate.ts'
import { permittedFor } from '../../coordinator/tls/names.ts'
import type { HostNames, ServerCredentials } from '../../coordinator/tls/types.ts'

export const DAY_MS = 86_400_000
export const LOCAL: HostNames = { dns: ['localhost'], ips: ['127.0.0.1'] }

export interface TestServerInit {
  readonly names?: HostNames
  /** From when to when, in days from now. */
  readonly days?: readonly [from: number, to: number]
}

/** An authority that vouches for whatever a test wants. */
export class TestAuthority {
  readonly key: KeyObject = newKey()
  readonly pem: string
  readonly keySha256: Uint8Array
  readonly #name: string

  constructor(name = 'Test authority') {
    this.#name = name
    this.keySha256 = new Uint8Array(createHash('sha256').update(spkiOf(this.key)).digest())
    this.pem = makeAuthority({
      name,
      key: this.key,
      serial: Uint8Array.of(1),
      permitted: permittedFor({ dns: ['localhost', 'elsewhere.example'], ips: [] }),
      ...validity([-1, 3_650]),
    })
  }

  /** A server's certificate without the authority's. */
  certificate(publicKey: KeyObject, { names = LOCAL, days = [-1, 90] }: TestServerInit = {}): string {
    const authority = { name: this.#name, key: this.key }
    return makeServerCertificate({
      name: 'Test server',
      publicKey,
      serial: Uint8Array.of(2),
      names,
      authority,
      ...validity(days),
    })
  }

  /** What a server shows. */
  credentials(init: TestServerInit = {}): ServerCredentials {
    const key = newKey()
    return { key: keyPem(key), chain: `${this.certificate(key, init)}${this.pem}` }
  }
}

function validity([from, to]: readonly [number, number]) {
  const now = Date.now()
  return { notBeforeMs: now + from * DAY_MS, notAfterMs: now + to * DAY_MS }
}
