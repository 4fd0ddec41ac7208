/** What a route of the administration is, and the replies that are not JSON. */
import type { Sha256Hex } from '../../protocol/index.ts'
import type { AdminApi } from './admin-api.ts'
import type { Principal } from './auth.ts'
import type { BackupAdminApi } from './backup-api.ts'
import { Fields } from './json-body.ts'
import type { PayoutFiles } from './payout-api.ts'
import type { SensingStreams } from './sensing-api.ts'
import type { Role } from './session-api.ts'

/** All that routes call: what a client over HTTP offers again, and what only streams. */
export type CoordinatorApi = AdminApi & SensingStreams & PayoutFiles

/** The part of it that is about the region, and not about the machine that it runs on. */
export type RegionApi = Omit<CoordinatorApi, keyof BackupAdminApi>

/** One call by somebody who may make it. */
export interface ApiCall {
  api: CoordinatorApi
  principal: Principal
  /** What stood in place of `:name` in the path. */
  subject: string
  query: URLSearchParams
  /** The JSON body; undefined when there was none. */
  body: unknown
  /** The fields of the body, which has those of the route and no others. */
  fields: Fields
}

export interface ApiRoute {
  method: 'GET' | 'POST'
  /** One segment may be `:name`. */
  path: string
  /** What it does, in one sentence. */
  summary: string
  /** Who may call it. What they see and change of it is their own; see docs/roles.md. */
  roles: readonly Role[]
  /** Names of the parameters it reads. */
  query?: readonly string[]
  /** Names of the fields its body may have, or that the body is a whole specification. None when left out. */
  body?: readonly string[] | 'specification'
  /** 201 rather than 200. */
  creates?: boolean
  /** How old an answer to the public may be. Without it every answer is made anew. */
  sharedMs?: number
  run(call: ApiCall): Promise<unknown>
}

/**
 * Calls a route.
 * @throws {ApiError} `bad_request` when the body has other fields than the route's
 */
export async function runRoute(route: ApiRoute, call: Omit<ApiCall, 'fields'>): Promise<unknown> {
  const { body: names = [] } = route
  const fields = names === 'specification' ? new Fields(undefined, []) : new Fields(call.body, names)
  return route.run({ ...call, fields })
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

/** A reply that goes on: events as they happen. */
export class EventsReply {}
