import type { Readable } from 'node:stream'
import type { FrameRefusal } from './frame-guard.ts'

/** What is asked of a connection before the broker may read from it. */
export interface ReadGuard {
  /** Whether bytes that have arrived stay where they are for now. */
  holds(): boolean
  /** Judges the next bytes; anything but null ends the connection and the bytes are not read. */
  judge(chunk: Uint8Array): FrameRefusal | 'slow_reader' | null
  /** The connection has to end for this reason. */
  refuse(reason: FrameRefusal | 'slow_reader'): void
}

/**
 * Puts a guard in front of a socket's `read`, which is how the broker takes bytes from it. Nothing is copied and nothing
 * is held: a second stream in between would cost both.
 */
export function guardSocket(socket: Readable, guard: ReadGuard): void {
  const read = socket.read.bind(socket) as (size?: number) => Uint8Array | null
  socket.read = (size?: number): Uint8Array | null => {
    // The stream itself calls read(0) to have its buffer filled.
    if (size === 0) return read(0)
    if (guard.holds()) return null
    const chunk = read(size)
    if (chunk === null) return null
    const refusal = guard.judge(chunk)
    if (refusal === null) return chunk
    guard.refuse(refusal)
    return null
  }
}
