/** CBOR sequences (RFC 8742) of byte strings: inputs of units laid end to end, which can be cut and joined without decoding. */
import { LIMITS } from '../limits.ts'
import { headBytes } from './encode.ts'
import { CborScanner } from './skim.ts'

/** Bytes that a byte string of `length` bytes takes, head included. */
export function byteStringBytes(length: number): number {
  return headBytes(length) + length
}

/**
 * Writes one byte string with its shortest head.
 * @param at - where in `target`, which must have {@link byteStringBytes} of room from there
 * @returns the offset after it
 */
export function writeByteString(target: Uint8Array, at: number, bytes: Uint8Array): number {
  const length = bytes.length
  const head = headBytes(length)
  if (head === 1) target[at] = 0x40 | length
  else {
    target[at] = 0x58 + Math.log2(head - 1)
    for (let i = 1, rest = length; i < head; i++, rest = Math.floor(rest / 256)) target[at + head - i] = rest & 255
  }
  target.set(bytes, at + head)
  return at + head + length
}

/** The sequence of the items, each as a byte string. */
export function encodeSequence(items: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const item of items) size += byteStringBytes(item.length)
  const bytes = new Uint8Array(size)
  let at = 0
  for (const item of items) at = writeByteString(bytes, at, item)
  return bytes
}

/**
 * The items of a sequence of byte strings, as views of it. Empty bytes are the empty sequence.
 * @param maxItems - default {@link LIMITS}.itemsMax
 * @throws {ProtocolError} `bad_cbor` for anything but byte strings with shortest heads and definite lengths
 */
export function iterateSequence(bytes: Uint8Array, maxItems: number = LIMITS.itemsMax): Uint8Array[] {
  const scanner = new CborScanner(bytes, maxItems)
  const items: Uint8Array[] = []
  while (scanner.at < bytes.length) items.push(scanner.byteString())
  return items
}
