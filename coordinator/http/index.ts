/** The coordinator's HTTP side: blobs by hash, and the administration. */
export * from './admin-api.ts'
export type { CoordinatorApi } from './api-route.ts'
export { type DevicePut, type HttpAuth, isSameToken, type Principal } from './auth.ts'
export { createHttpServer, type HttpComponents, type HttpInit, type HttpLog, type HttpServer } from './server.ts'
