/** One folder of a FAT file system, as the bytes of its slots. */
import { longNamePart, longNameSlots, makeShortName, SLOT_BYTES, shortNameSum, shortNameText } from './names.ts'

const END = 0x00
const DELETED = 0xe5
const VOLUME_LABEL = 0x08
const FOLDER = 0x10
const ARCHIVE = 0x20

/** A file or folder in a folder. */
export interface FatEntry {
  readonly name: string
  readonly isFolder: boolean
  /** 0 for an empty file. */
  readonly firstCluster: number
  readonly sizeBytes: number
  /** Where its short slot is in the folder's bytes. */
  readonly slotOffset: number
}

/** What an entry is to say. */
export interface EntryValues {
  readonly firstCluster: number
  readonly sizeBytes: number
  readonly isFolder: boolean
  /** Unix milliseconds. */
  readonly wallMs: number
}

/** The files and folders in a folder's bytes; `.` and `..` left out. */
export function readEntries(bytes: Buffer): FatEntry[] {
  const found: FatEntry[] = []
  let long = ''
  let longSum = -1
  for (let slotOffset = 0; slotOffset + SLOT_BYTES <= bytes.length; slotOffset += SLOT_BYTES) {
    const slot = bytes.subarray(slotOffset, slotOffset + SLOT_BYTES)
    const first = slot.readUInt8(0)
    const attributes = slot.readUInt8(11)
    if (first === END) break
    if (first !== DELETED && (attributes & 0x3f) === 0x0f) {
      if ((first & 0x40) !== 0) long = ''
      long = longNamePart(slot) + long
      longSum = slot.readUInt8(13)
      continue
    }
    if (first !== DELETED && (attributes & VOLUME_LABEL) === 0 && slot.readUInt8(0) !== 0x2e) {
      found.push({
        name: long !== '' && longSum === shortNameSum(slot) ? long : shortNameText(slot),
        isFolder: (attributes & FOLDER) !== 0,
        firstCluster: slot.readUInt16LE(26) + slot.readUInt16LE(20) * 0x1_0000,
        sizeBytes: slot.readUInt32LE(28),
        slotOffset,
      })
    }
    long = ''
  }
  return found
}

/**
 * Adds an entry with a long name to a folder.
 * @returns the folder's bytes, longer when there was no room; not padded to whole clusters
 */
export function addEntry(bytes: Buffer, name: string, values: EntryValues): Buffer {
  const taken = new Set(shortNames(bytes))
  const short = Buffer.alloc(SLOT_BYTES)
  makeShortName(name, taken).copy(short)
  writeValues(short, values)
  short.writeUInt16LE(short.readUInt16LE(22), 14)
  short.writeUInt16LE(short.readUInt16LE(24), 16)
  const added = Buffer.concat([...longNameSlots(name, short), short])
  const at = freeRun(bytes, added.length)
  const grown = at + added.length > bytes.length ? Buffer.concat([bytes], at + added.length) : bytes
  added.copy(grown, at)
  return grown
}

/** Changes what an entry says, in place. */
export function changeEntry(bytes: Buffer, entry: FatEntry, values: EntryValues): void {
  writeValues(bytes.subarray(entry.slotOffset, entry.slotOffset + SLOT_BYTES), values)
}

/** The first two entries of a new folder. @param parent - 0 for the root */
export function newFolder(own: number, parent: number, wallMs: number): Buffer {
  const entry = (name: string, firstCluster: number): Buffer => {
    const slot = Buffer.alloc(SLOT_BYTES)
    slot.write(name.padEnd(11), 'latin1')
    writeValues(slot, { firstCluster, sizeBytes: 0, isFolder: true, wallMs })
    return slot
  }
  return Buffer.concat([entry('.', own), entry('..', parent)])
}

function writeValues(slot: Buffer, { firstCluster, sizeBytes, isFolder, wallMs }: EntryValues): void {
  const [date, time] = dosTime(wallMs)
  slot.writeUInt8(isFolder ? FOLDER : ARCHIVE, 11)
  slot.writeUInt16LE(date, 18)
  slot.writeUInt16LE(firstCluster >>> 16, 20)
  slot.writeUInt16LE(time, 22)
  slot.writeUInt16LE(date, 24)
  slot.writeUInt16LE(firstCluster & 0xffff, 26)
  slot.writeUInt32LE(sizeBytes, 28)
}

/** Date and time as FAT has them: two seconds fine, from 1980 on. */
function dosTime(wallMs: number): [date: number, time: number] {
  const at = new Date(Math.max(wallMs, Date.UTC(1980, 0, 1)))
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate()
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1)
  return [date & 0xffff, time]
}

/** Where that many bytes of slots are free in a row; at the end when nowhere. Slots after the end mark are free. */
function freeRun(bytes: Buffer, neededBytes: number): number {
  let start = 0
  for (let at = 0; at + SLOT_BYTES <= bytes.length; at += SLOT_BYTES) {
    const first = bytes.readUInt8(at)
    if (first === END) {
      // What lies behind the end mark is undefined, and must not come to life.
      bytes.fill(0, at)
      return start
    }
    if (first !== DELETED) start = at + SLOT_BYTES
    else if (at + SLOT_BYTES - start >= neededBytes) return start
  }
  return start
}

function* shortNames(bytes: Buffer): Generator<string> {
  for (let at = 0; at + SLOT_BYTES <= bytes.length; at += SLOT_BYTES) {
    const first = bytes.readUInt8(at)
    if (first === END) return
    const isLong = (bytes.readUInt8(at + 11) & 0x3f) === 0x0f
    if (first !== DELETED && !isLong) yield bytes.toString('latin1', at, at + 11)
  }
}
