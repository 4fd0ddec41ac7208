/** Content by its SHA-256: fetched, kept for the next lease, and put up. */
export { BlobCache, type BlobCacheInit, hashOf } from './blob-cache.ts'
export { type Blobs, regionBlobs } from './blobs.ts'
export { type BlobWant, type FetchComponents, fetchBlob } from './fetch-blob.ts'
export { type HttpClient, type HttpRequest, type HttpResponse, nodeHttp } from './http.ts'
export { cancelled } from './pause.ts'
export { type PutComponents, type PutTarget, putBlob } from './put-blob.ts'
