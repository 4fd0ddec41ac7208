/** Ids of transfers, made of what is public. */
import { toHex, utf8 } from '../../protocol/bytes.ts'
import { portableSha256 } from '../../protocol/merkle/hash.ts'

const ID_BYTES = 16

/** The id of the transfer that pays for a purpose: the first 16 bytes of SHA-256 in hexadecimal. */
export function transferId(purpose: string): string {
  return toHex(portableSha256(utf8(purpose)).subarray(0, ID_BYTES))
}
