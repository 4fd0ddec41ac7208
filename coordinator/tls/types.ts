/** What is said of TLS across the files of this folder. */

/** Names that a server goes by. */
export interface HostNames {
  readonly dns: readonly string[]
  /** Addresses as text, without brackets. */
  readonly ips: readonly string[]
}

/** What a server shows and proves itself with: PEM both. */
export interface ServerCredentials {
  readonly key: string
  /** The server's certificate first, then that of its authority. */
  readonly chain: string
}

/** Where a region's servers have their certificate from. */
export interface CertificateSource {
  /** The region's own authority; null when the certificate is one that was given. */
  readonly authority: Authority | null
  readonly credentials: ServerCredentials
  /** Makes or reads another certificate when its time has come. Returns whether there is another. */
  refresh(): boolean
}

/** What devices and people trust a region by. */
export interface Authority {
  /** Its certificate; made anew now and then, with the same key. */
  readonly pem: string
  /** SHA-256 of its SubjectPublicKeyInfo: what a claim pins. */
  readonly keySha256: Uint8Array
}
