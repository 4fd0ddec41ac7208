/** Bytes of a stream in pieces of the reader's size. */
export class ChunkReader {
  private readonly chunks: AsyncIterableIterator<Uint8Array>
  private rest: Uint8Array = new Uint8Array(0)

  constructor(chunks: AsyncIterableIterator<Uint8Array>) {
    this.chunks = chunks
  }

  /** The next 1..`max` bytes; null at the end. The piece belongs to the caller. */
  async next(max: number): Promise<Uint8Array | null> {
    while (this.rest.length === 0) {
      const { done, value } = await this.chunks.next()
      if (done === true) return null
      this.rest = value
    }
    const piece = this.rest.subarray(0, max)
    this.rest = this.rest.subarray(piece.length)
    return piece
  }

  /** Fills a buffer. @returns bytes that there were; fewer than its length at the end only */
  async fill(target: Uint8Array): Promise<number> {
    let filled = 0
    while (filled < target.length) {
      const piece = await this.next(target.length - filled)
      if (piece === null) break
      target.set(piece, filled)
      filled += piece.length
    }
    return filled
  }

  /** Stops the stream. */
  async close(): Promise<void> {
    await this.chunks.return?.()
  }
}
