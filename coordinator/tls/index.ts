/** TLS for the coordinator's two servers: certificates that look after themselves, and what stands before the servers. */
export { createTlsFront, type TlsFront, type TlsUse } from './front.ts'
export { openRegionTls, type RegionTls, type TlsOptions } from './region-tls.ts'
export type { Authority, ServerCredentials } from './types.ts'
