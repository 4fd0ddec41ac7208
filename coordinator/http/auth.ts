/** Who is asking: the operator by the region's admin token, a submitter by its own, a device by a signature. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Sha256Hex, SubmitterName } from '../../protocol/index.ts'
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
  /** Whether the device may put exactly this blob. */
  devicePut(request: DevicePut): boolean
}

/** Somebody with a token. */
export type Principal = { kind: 'admin' } | { kind: 'submitter'; name: SubmitterName }

const BEARER = /^bearer +([\w.~+/=-]{1,512})$/i
const SIGNED = /^hedgerow +([\w.~+/=-]{1,1024})$/i

/**
 * Who the `Authorization` header's token belongs to.
 * @throws {ApiError} `no_token` or `bad_token`
 */
export function principalOf(header: string | undefined, auth: HttpAuth): Principal {
  if (header === undefined) {
    throw new ApiError(
      'no_token',
      'Send the header "Authorization: Bearer <token>" with the admin token or a submitter\'s.',
    )
  }
  const token = BEARER.exec(header)?.[1]
  if (token !== undefined) {
    if (isSameToken(token, auth.adminToken)) return { kind: 'admin' }
    const name = auth.submitterByToken(token)
    if (name !== null) return { kind: 'submitter', name }
  }
  throw new ApiError('bad_token', 'The token is not known here: check it, and that this is the region it was made in.')
}

/**
 * Checks that whoever sent these headers may put this blob, and tells who it is: a text that no two have in common.
 * @param size - the body's announced size, or null when it was not announced
 * @throws {ApiError} `no_token`, `bad_token`, or `bad_request` when a device does not announce the size
 */
export function checkPut(headers: PutHeaders, sha256: Sha256Hex, size: number | null, auth: HttpAuth): string {
  const { authorization, device } = headers
  const signed = authorization === undefined ? undefined : SIGNED.exec(authorization)?.[1]
  if (signed === undefined || device === undefined) {
    const principal = principalOf(authorization, auth)
    return principal.kind === 'admin' ? 'admin' : `submitter ${principal.name}`
  }
  if (size === null) throw new ApiError('bad_request', 'A device announces the size it signed: send a Content-Length.')
  if (!auth.devicePut({ device, authorization: signed, sha256, size })) {
    throw new ApiError(
      'bad_token',
      'The device has not signed for this blob and size, or is not in good standing here.',
    )
  }
  return `device ${device}`
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
