/** Bytes that can be read and changed anywhere, held in memory. */
export interface ByteStore {
  readonly sizeBytes: number
  /** A copy of `length` bytes; the range lies inside. */
  read(offset: number, length: number): Buffer
  write(offset: number, bytes: Uint8Array): void
}
