/** What a route of the administration is, and the replies that are not JSON. */
import type { Sha256Hex } from '../../protocol/index.ts'
import type { AdminApi } from './admin-api.ts'
import type { Principal } from './auth.ts'
import type { PayoutFiles } from './payout-api.ts'
import type { SensingStreams } from './sensing-api.ts'

/** All that routes call: what a client over HTTP offers again, and what only streams. */
export type CoordinatorApi = AdminApi & SensingStreams & PayoutFiles

/** One authenticated call. */
export interface ApiCall {
  api: CoordinatorApi
  principal: Principal
  /** What stood in place of `:name` in the path. */
  subject: string
  query: URLSearchParams
  /** The JSON body; undefined when there was none. */
  body: unknown
}

export interface ApiRoute {
  method: 'GET' | 'POST'
  /** One segment may be `:name`. */
  path: string
  /** 201 rather than 200. */
  creates?: boolean
  /** Submitters may call it too, about their own jobs. */
  forSubmitters?: boolean
  run(call: ApiCall): Promise<unknown>
}

/** A reply that is a blob rather than JSON. */
export class BlobReply {
  readonly sha256: Sha256Hex
  readonly mediaType: string

  constructor(sha256: Sha256Hex, mediaType: string) {
    this.sha256 = sha256
    this.mediaType = mediaType
  }
}

/** A reply that is written while it is made. */
export class StreamReply {
  readonly mediaType: string
  readonly chunks: Iterable<Uint8Array>

  constructor(mediaType: string, chunks: Iterable<Uint8Array>) {
    this.mediaType = mediaType
    this.chunks = chunks
  }
}
