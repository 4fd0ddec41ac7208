/** Modules, inputs and results too large for a message, kept by SHA-256. */
export type { Swept } from './blob-folder.ts'
export { type BlobStore, type BlobStoreOptions, openBlobStore } from './blob-store.ts'
export type { BlobWriter } from './blob-writer.ts'
export type { PutOutcome, PutStatus } from './incoming.ts'
