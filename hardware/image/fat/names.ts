/** The two names that a file on FAT has: a short one of eight and three letters, and a long one in slots before it. */
import { assert } from '../../../protocol/index.ts'

/** Bytes of one slot of a folder. */
export const SLOT_BYTES = 32
/** UTF-16 units of a long name that one slot holds, and where. */
const LONG_PLACES = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]
const LONG_ATTRIBUTES = 0x0f
const LAST_LONG = 0x40

/** What a short name says, in capitals unless its flags say otherwise. @param slot - 32 bytes */
export function shortNameText(slot: Buffer): string {
  const flags = slot.readUInt8(12)
  const part = (from: number, to: number, lower: boolean): string => {
    const text = slot.toString('latin1', from, to).trimEnd()
    return lower ? text.toLowerCase() : text
  }
  const base = part(0, 8, (flags & 0x08) !== 0)
  const extension = part(8, 11, (flags & 0x10) !== 0)
  return extension === '' ? base : `${base}.${extension}`
}

/** The part of a long name in one slot, without its padding. */
export function longNamePart(slot: Buffer): string {
  const units = LONG_PLACES.map(place => slot.readUInt16LE(place))
  const end = units.indexOf(0)
  return String.fromCharCode(...(end < 0 ? units : units.slice(0, end)))
}

/** A sum over the eleven letters of a short name, which ties long slots to it. */
export function shortNameSum(short: Buffer): number {
  let sum = 0
  for (let index = 0; index < 11; index++) sum = ((((sum & 1) << 7) | (sum >> 1)) + short.readUInt8(index)) & 0xff
  return sum
}

/**
 * A short name that no other file of the folder has: `NETWOR~1` for `network-config`.
 * @param taken - eleven letters each, as `latin1`
 */
export function makeShortName(name: string, taken: ReadonlySet<string>): Buffer {
  const [base = '', extension = ''] = splitName(name.toUpperCase())
  const letters = (text: string): string => text.replaceAll(/[^A-Z0-9!#$%&'()@^_`{}~-]/g, '_')
  const plain = letters(base).padEnd(8) + letters(extension).slice(0, 3).padEnd(3)
  if (base.length <= 8 && extension.length <= 3 && !taken.has(plain)) return Buffer.from(plain, 'latin1')
  for (let number = 1; number < 100_000; number++) {
    const tail = `~${number}`
    const numbered =
      (letters(base).slice(0, 8 - tail.length) + tail).padEnd(8) + letters(extension).slice(0, 3).padEnd(3)
    if (!taken.has(numbered)) return Buffer.from(numbered, 'latin1')
  }
  assert(false, 'a folder has fewer than 100 000 files of one beginning')
}

function splitName(name: string): [string, string] {
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? [name.replaceAll('.', ''), ''] : [name.slice(0, dot).replaceAll('.', ''), name.slice(dot + 1)]
}

/** The slots of a long name, as they stand before the short one. */
export function longNameSlots(name: string, short: Buffer): Buffer[] {
  const sum = shortNameSum(short)
  const count = Math.ceil(name.length / LONG_PLACES.length)
  return Array.from({ length: count }, (_, index) => {
    const number = count - index
    const slot = Buffer.alloc(SLOT_BYTES)
    slot.writeUInt8(number | (index === 0 ? LAST_LONG : 0), 0)
    slot.writeUInt8(LONG_ATTRIBUTES, 11)
    slot.writeUInt8(sum, 13)
    LONG_PLACES.forEach((place, column) => {
      const at = (number - 1) * LONG_PLACES.length + column
      slot.writeUInt16LE(at < name.length ? name.charCodeAt(at) : at === name.length ? 0 : 0xffff, place)
    })
    return slot
  })
}
