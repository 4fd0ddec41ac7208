/** The bytes of `transfer` entries. Every payment is one, so they are written without building values first. */
import { assert } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { TRANSFER_KINDS, TRANSFER_PHASES, type TransferEntry } from './entry.ts'

/** The longest transfer, with the texts at their bounds. */
const BYTES_MAX = 2 * LIMITS.accountBytesMax + 2 * LIMITS.purposeBytesMax + 128
const NULL = 0xf6
const UINT = 0x00
const BYTES = 0x40
const TEXT = 0x60
const ARRAY = 0x80
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER)
const KINDS: ReadonlyMap<string, number> = new Map(TRANSFER_KINDS.map((kind, number) => [kind, number]))
const PHASES: ReadonlyMap<string, number> = new Map(TRANSFER_PHASES.map((phase, number) => [phase, number]))

const target = new Uint8Array(BYTES_MAX)
const view = new DataView(target.buffer)

/**
 * The entry's bytes.
 * @param type - the entry's number
 */
export function encodeTransfer(type: number, entry: TransferEntry): Uint8Array {
  const { atMs, kind, phase, debit, credit, amountMicro, purpose, pending, timeoutMs, basis } = entry
  target[0] = ARRAY | 11
  let at = writeUint(1, type)
  at = writeUint(at, atMs)
  at = writeUint(at, KINDS.get(kind))
  at = writeUint(at, PHASES.get(phase))
  at = writeText(at, debit, LIMITS.accountBytesMax)
  at = writeText(at, credit, LIMITS.accountBytesMax)
  at = writeAmount(at, amountMicro)
  at = writeText(at, purpose, LIMITS.purposeBytesMax)
  at = pending === null ? writeNull(at) : writeText(at, pending, LIMITS.purposeBytesMax)
  at = timeoutMs === null ? writeNull(at) : writeUint(at, timeoutMs)
  if (basis === null) at = writeNull(at)
  else if (basis.kind === 'run') {
    at = writeHead(at, ARRAY, 3)
    at = writeUint(at, 0)
    assert(basis.digest.length === 32, 'a digest has 32 bytes')
    at = writeHead(at, BYTES, basis.digest.length)
    target.set(basis.digest, at)
    at = writeUint(at + basis.digest.length, basis.fuel)
  } else {
    at = writeHead(at, ARRAY, 2)
    at = writeUint(at, 1)
    at = writeUint(at, basis.readings)
  }
  return target.slice(0, at)
}

function writeNull(at: number): number {
  target[at] = NULL
  return at + 1
}

/** Writes the shortest head of a major type. */
function writeHead(at: number, major: number, argument: number): number {
  if (argument < 24) {
    target[at] = major | argument
    return at + 1
  }
  if (argument < 0x100) {
    target[at] = major | 24
    target[at + 1] = argument
    return at + 2
  }
  if (argument < 0x1_0000) {
    target[at] = major | 25
    view.setUint16(at + 1, argument)
    return at + 3
  }
  if (argument < 0x1_0000_0000) {
    target[at] = major | 26
    view.setUint32(at + 1, argument)
    return at + 5
  }
  target[at] = major | 27
  view.setUint32(at + 1, Math.floor(argument / 0x1_0000_0000))
  view.setUint32(at + 5, argument % 0x1_0000_0000)
  return at + 9
}

function writeUint(at: number, value: number | undefined): number {
  assert(Number.isSafeInteger(value) && (value as number) >= 0, 'a number of a transfer is whole and not negative')
  return writeHead(at, UINT, value as number)
}

function writeAmount(at: number, amountMicro: bigint): number {
  assert(
    amountMicro > 0n && amountMicro <= LIMITS.amountMicroMax,
    'a transfer moves an amount that an account can hold',
  )
  if (amountMicro <= SAFE_MAX) return writeHead(at, UINT, Number(amountMicro))
  target[at] = UINT | 27
  view.setBigUint64(at + 1, amountMicro)
  return at + 9
}

/** Accounts and purposes are of visible ASCII: a byte a character. */
function writeText(at: number, text: string, bytesMax: number): number {
  const { length } = text
  assert(length >= 1 && length <= bytesMax, 'an account or a purpose fits its bound')
  const start = writeHead(at, TEXT, length)
  let visible = true
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    visible &&= code > 0x20 && code < 0x7f
    target[start + i] = code
  }
  assert(visible, 'an account or a purpose is of visible ASCII')
  return start + length
}
