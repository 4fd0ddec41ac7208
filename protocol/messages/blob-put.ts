/** A device's signed permission slip for one HTTP PUT of a blob: these bytes, this long, nothing else. */
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from './read.ts'

export interface BlobPut {
  /** SHA-256 of the body. */
  digest: Uint8Array
  /** Bytes of the body. */
  size: number
}

/** The payload of a PUT's `Authorization: Hedgerow <base64url of the signed frame>`. */
export function encodeBlobPut(put: BlobPut): Uint8Array {
  return encode([put.digest, put.size])
}

/**
 * Reads a PUT's permission slip.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [BLOB-2.1]
 */
export function decodeBlobPut(bytes: Uint8Array): BlobPut {
  const read = Reader.open('blob', bytes, 2)
  return { digest: read.bytes('digest', 32), size: read.uint('size', 1, LIMITS.leaseOutputBytesMax) }
}
