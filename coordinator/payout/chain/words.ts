/** Values as the contract reads and hashes them: words of 32 bytes, numbers big-endian, addresses at the right. */
import { assert, concatBytes, fromHex } from '../../../protocol/index.ts'
import { addressBytes } from './address.ts'

const WORD_BYTES = 32

/** A whole number from 0 to 2^256-1. */
export function uintWord(value: bigint | number): Uint8Array {
  const hex = BigInt(value).toString(16)
  assert(!hex.startsWith('-') && hex.length <= 2 * WORD_BYTES, 'a number fits a word')
  return fromHex(hex.padStart(2 * WORD_BYTES, '0'))
}

export function addressWord(address: string): Uint8Array {
  return concatBytes(new Uint8Array(12), addressBytes(address))
}

/** Bytes of any length: how many, then they, filled up with zeros to whole words. */
export function bytesWords(bytes: Uint8Array): Uint8Array {
  const padding = (WORD_BYTES - (bytes.length % WORD_BYTES)) % WORD_BYTES
  return concatBytes(uintWord(bytes.length), bytes, new Uint8Array(padding))
}
