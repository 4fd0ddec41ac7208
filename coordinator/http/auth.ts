/** Who is asking: the operator by the region's admin token, an owner or a submitter by its own, a device by a signature, or anybody. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { OwnerName, Sha256Hex, SubmitterName } from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'

/** A device's signed slip for one blob, still to be checked. */
export interface DevicePut {
  /** The `X-Hedgerow-Device` header. */
  device: string
  /** What follows `Hedgerow ` in the `Authorization` header. */
  authorization: string
  sha256: Sha256Hex
  /** Bytes of the body. */
  size: number
}

/** How the server tells who is asking. */
export interface HttpAuth {
  adminToken: string
  /** Whose token it is; must not tell by its time how near a wrong one was. */
  submitterByToken(token: string): SubmitterName | null
  ownerByToken(token: string): OwnerName | null
  /** Whether the device may put exactly this blob. */
  devicePut(request: DevicePut): boolean
}

/** Who asks. */
export type Principal =
  | { role: 'public' }
  | { role: 'owner'; name: OwnerName }
  | { role: 'submitter'; name: SubmitterName }
  | { role: 'operator' }

const BEARER = /^bearer +([\w.~+/=-]{1,512})$/i
const SIGNED = /^hedgerow +([\w.~+/=-]{1,1024})$/i

/** The token in an `Authorization` header; null when there is none. */
export function tokenOf(header: string | undefined): string | null {
  return header === undefined ? null : (BEARER.exec(header)?.[1] ?? null)
}

/**
 * Who the `Authorization` header's token belongs to; the public when there is no header.
 * @throws {ApiError} `bad_token`
 */
export function principalOf(header: string | undefined, auth: HttpAuth): Principal {
  if (header === undefined) return { role: 'public' }
  const token = tokenOf(header)
  if (token !== null) {
    if (isSameToken(token, auth.adminToken)) return { role: 'operator' }
    const submitter = auth.submitterByToken(token)
    if (submitter !== null) return { role: 'submitter', name: submitter }
    const owner = auth.ownerByToken(token)
    if (owner !== null) return { role: 'owner', name: owner }
  }
  throw new ApiError('bad_token', 'The token is not known here: check it, and that this is the region it was made in.')
}

/** Whether the header still says that it is the same who asks: tokens may have been renewed or removed meanwhile. */
export function isStill(header: string | undefined, principal: Principal, auth: HttpAuth): boolean {
  try {
    const now = principalOf(header, auth)
    return JSON.stringify(now) === JSON.stringify(principal)
  } catch (error) {
    if (error instanceof ApiError) return false
    throw error
  }
}

/** What is thrown at somebody without a token, where one is needed. */
export function noToken(): ApiError {
  return new ApiError(
    'no_token',
    'Send the header "Authorization: Bearer <token>" with the admin token, an owner\'s or a submitter\'s.',
  )
}

/**
 * Checks that whoever sent these headers may put this blob, and tells who it is: a text that no two have in common.
 * @param size - the body's announced size, or null when it was not announced
 * @throws {ApiError} `no_token`, `bad_token`, `not_allowed`, or `bad_request` when a device does not announce the size
 */
export function checkPut(headers: PutHeaders, sha256: Sha256Hex, size: number | null, auth: HttpAuth): string {
  const { authorization, device } = headers
  const signed = authorization === undefined ? undefined : SIGNED.exec(authorization)?.[1]
  if (signed === undefined || device === undefined) return putterName(principalOf(authorization, auth))
  if (size === null) throw new ApiError('bad_request', 'A device announces the size it signed: send a Content-Length.')
  if (!auth.devicePut({ device, authorization: signed, sha256, size })) {
    throw new ApiError(
      'bad_token',
      'The device has not signed for this blob and size, or is not in good standing here.',
    )
  }
  return `device ${device}`
}

function putterName(principal: Principal): string {
  if (principal.role === 'public') throw noToken()
  if (principal.role === 'owner') throw new ApiError('not_allowed', "An owner puts no blobs: use a submitter's token.")
  return principal.role === 'operator' ? 'operator' : `submitter ${principal.name}`
}

/** The headers that say who puts a blob. */
export interface PutHeaders {
  authorization: string | undefined
  /** `X-Hedgerow-Device` */
  device: string | undefined
}

/** Whether two tokens are equal, in a time that depends on neither. */
export function isSameToken(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}
