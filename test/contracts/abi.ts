/** Arguments as Solidity reads them, written apart from the coordinator's own encoder. */
import { concatBytes, fromHex, toHex } from '../../protocol/index.ts'

/** A value with its type: a number or address in one word, bytes of any length, a list, or a struct. */
export type AbiValue =
  | { readonly word: bigint | number | string }
  | { readonly bytes: Uint8Array }
  | { readonly list: readonly AbiValue[] }
  | { readonly struct: readonly AbiValue[] }

export const word = (value: bigint | number | string): AbiValue => ({ word: value })
/** `bytes` */
export const bytes = (value: Uint8Array): AbiValue => ({ bytes: value })
/** `T[]` */
export const list = (values: readonly AbiValue[]): AbiValue => ({ list: values })
export const struct = (...fields: AbiValue[]): AbiValue => ({ struct: fields })
/** `bytes32[]` or `address[]` */
export const words = (values: readonly (bigint | string)[]): AbiValue => list(values.map(word))

/** A call's data: the selector, then the arguments. */
export function callData(selector: string, args: readonly AbiValue[]): Uint8Array {
  return concatBytes(fromHex(selector), encodeTuple(args))
}

/** Heads first, and behind them what they point to. */
export function encodeTuple(values: readonly AbiValue[]): Uint8Array {
  const headBytes = values.reduce((sum, value) => sum + (isDynamic(value) ? 32 : encode(value).length), 0)
  const heads: Uint8Array[] = []
  const tails: Uint8Array[] = []
  let at = headBytes
  for (const value of values) {
    const encoded = encode(value)
    if (!isDynamic(value)) heads.push(encoded)
    else {
      heads.push(toWord(at))
      tails.push(encoded)
      at += encoded.length
    }
  }
  return concatBytes(...heads, ...tails)
}

function encode(value: AbiValue): Uint8Array {
  if ('word' in value) return toWord(value.word)
  if ('struct' in value) return encodeTuple(value.struct)
  if ('list' in value) return concatBytes(toWord(value.list.length), encodeTuple(value.list))
  const padded = new Uint8Array(Math.ceil(value.bytes.length / 32) * 32)
  padded.set(value.bytes)
  return concatBytes(toWord(value.bytes.length), padded)
}

function isDynamic(value: AbiValue): boolean {
  return 'bytes' in value || 'list' in value || ('struct' in value && value.struct.some(isDynamic))
}

function toWord(value: bigint | number | string): Uint8Array {
  return fromHex(BigInt(value).toString(16).padStart(64, '0'))
}

/** The number in a word of a reply. */
export function numberAt(reply: Uint8Array, index = 0): bigint {
  return BigInt(`0x${toHex(reply.subarray(index * 32, index * 32 + 32)) || '0'}`)
}
