/** The coordinator's HTTP side: blobs by hash, and the administration. */
export * from './admin-api.ts'
export type { CoordinatorApi, RegionApi } from './api-route.ts'
export { type DevicePut, type HttpAuth, isSameToken, type Principal } from './auth.ts'
export { type PageFiles, pageFile, readPageFiles } from './page/index.ts'
export { createHttpServer, type HttpComponents, type HttpInit, type HttpLog, type HttpServer } from './server.ts'
