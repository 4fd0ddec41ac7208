/** Puts results that are too large for a message up as blobs, under a signed slip that allows exactly these bytes. */
import {
  type Clock,
  type DeviceId,
  encodeBlobPut,
  frameAad,
  fromHex,
  type Random,
  type RegionId,
  type Sha256Hex,
  type Signer,
  sign1,
  type TransportError,
  toBase64Url,
} from '../../protocol/index.ts'
import { retryDelayMs } from '../link/backoff.ts'
import { blobAddress, type HttpClient, httpFailure, httpRefusal } from './http.ts'
import { pause } from './pause.ts'

export interface PutComponents {
  readonly clock: Clock
  readonly random: Random
  readonly http: HttpClient
  readonly device: DeviceId
  readonly signer: Signer
}

/** Where to put it, and whose key the slip is bound to. */
export interface PutTarget {
  readonly blobUrl: string
  readonly regionId: RegionId
}

const TRIES_MAX = 6
const RETRY = { firstMs: 1_000, maxMs: 15_000 }
const FINAL_STATUSES: readonly number[] = [400, 401, 403, 404, 405, 413]

/**
 * Puts content up, unless it is there already.
 * @throws {TransportError} when the store stays out of reach or refuses it; {@link TaskError} `cancelled`
 */
export async function putBlob(
  components: PutComponents,
  target: PutTarget,
  sha256: Sha256Hex,
  content: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const problem = await tryPut(components, target, sha256, content, signal)
    if (problem === null) return
    const isFinal = problem.info.code === 'bad_response' && FINAL_STATUSES.includes(problem.info.status)
    if (isFinal || tries === TRIES_MAX) throw problem
    await pause(components.clock, retryDelayMs(tries, RETRY, components.random), signal)
  }
}

async function tryPut(
  components: PutComponents,
  target: PutTarget,
  sha256: Sha256Hex,
  content: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<TransportError | null> {
  const url = blobAddress(target.blobUrl, sha256)
  try {
    const found = await components.http({ method: 'HEAD', url, headers: {}, signal })
    found.discard()
    if (found.status === 200) return null
    const headers = { ...slip(components, target, sha256, content.length), 'content-length': String(content.length) }
    const put = await components.http({ method: 'PUT', url, headers, body: content, signal })
    put.discard()
    return put.status === 200 || put.status === 201 ? null : httpRefusal(url, put.status)
  } catch (thrown) {
    return httpFailure(url, thrown)
  }
}

/** @see spec/clauses.md [BLOB-2.1] */
function slip(components: PutComponents, target: PutTarget, sha256: Sha256Hex, size: number): Record<string, string> {
  const { device, signer } = components
  const aad = frameAad({ regionId: target.regionId, direction: 'up', device, class: 'blob' })
  const frame = sign1(encodeBlobPut({ digest: fromHex(sha256), size }), aad, signer)
  return { authorization: `Hedgerow ${toBase64Url(frame)}`, 'x-hedgerow-device': device }
}
