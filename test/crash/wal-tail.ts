/**
 * The end of a database's write-ahead log (https://www.sqlite.org/fileformat2.html#walformat): tells whether a transaction has been
 * begun there and not committed, which is where a process is in the middle of a commit.
 */
import { closeSync, openSync, readSync } from 'node:fs'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const PAGE_BYTES_AT = 8
const SALTS_AT = 16
const SALTS_BYTES = 8
const FRAME_SALTS_AT = 8

export class WalTail {
  readonly #file: string
  #salts = ''
  /** Where the frames after the last commit begin. */
  #committedTo = HEADER_BYTES

  /** @param file - the write-ahead log */
  constructor(file: string) {
    this.#file = file
  }

  /** Whether frames of a transaction stand there without its end. */
  isUnfinished(): boolean {
    let fd: number
    try {
      fd = openSync(this.#file, 'r')
    } catch {
      return false
    }
    try {
      return this.#read(fd)
    } finally {
      closeSync(fd)
    }
  }

  #read(fd: number): boolean {
    const header = read(fd, 0, HEADER_BYTES)
    if (header.length < HEADER_BYTES) return header.length > 0
    const salts = header.toString('hex', SALTS_AT, SALTS_AT + SALTS_BYTES)
    if (salts !== this.#salts) {
      this.#salts = salts
      this.#committedTo = HEADER_BYTES
    }
    const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(PAGE_BYTES_AT)
    let isUnfinished = false
    for (let at = this.#committedTo; ; at += frameBytes) {
      const frame = read(fd, at, FRAME_HEADER_BYTES)
      // A frame of before the log was begun anew has other salts.
      const isOurs = frame.toString('hex', FRAME_SALTS_AT, FRAME_SALTS_AT + SALTS_BYTES) === salts
      if (frame.length < FRAME_HEADER_BYTES || !isOurs) return isUnfinished
      // The size of the database after the commit: 0 in all but the last frame of a transaction.
      if (frame.readUInt32BE(4) === 0) {
        isUnfinished = true
        continue
      }
      // The last frame's page may still be missing.
      if (read(fd, at + frameBytes - 1, 1).length === 0) return true
      isUnfinished = false
      this.#committedTo = at + frameBytes
    }
  }
}

function read(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(fd, bytes, 0, length, at))
}
