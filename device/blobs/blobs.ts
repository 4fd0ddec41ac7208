import type { Sha256Hex } from '../../protocol/index.ts'
import { type BlobWant, type FetchComponents, fetchBlob } from './fetch-blob.ts'
import { type PutComponents, type PutTarget, putBlob } from './put-blob.ts'
import { SharedFetches } from './shared-fetches.ts'

/** Large content of the region, by its hash. */
export interface Blobs {
  /** @throws {TaskError} `no_blob` or `cancelled` */
  fetch(want: BlobWant, signal?: AbortSignal): Promise<Uint8Array>
  /** @throws {TransportError} when the region does not take it; {@link TaskError} `cancelled` */
  put(sha256: Sha256Hex, content: Uint8Array, signal?: AbortSignal): Promise<void>
}

/**
 * The blobs of the region that the device belongs to.
 * @param target - asked at each use, since the region may announce another address
 */
export function regionBlobs(components: FetchComponents & PutComponents, target: () => PutTarget): Blobs {
  const fetches = new SharedFetches<Uint8Array>()
  return {
    fetch: (want, signal) =>
      fetches.get(want.digest, shared => fetchBlob(components, target().blobUrl, want, shared), signal),
    put: (sha256, content, signal) => putBlob(components, target(), sha256, content, signal),
  }
}
