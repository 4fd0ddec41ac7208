import type { Readable } from 'node:stream'
import type { FrameRefusal } from './frame-guard.ts'

/** What is asked of a connection before the broker may read from it. */
export interface ReadGuard {
  /** Whether bytes that have arrived stay where they are for now; {@link GuardedSocket.readOn} ends that. */
  holds(): boolean
  /** Judges the next bytes; anything but null ends the connection and the bytes are not read. */
  judge(chunk: Uint8Array): FrameRefusal | 'slow_reader' | null
  /** The connection has to end for this reason. */
  refuse(reason: FrameRefusal | 'slow_reader'): void
}

/**
 * Bytes read from one connection in a turn of the event loop. The smallest packet has two bytes: 16 384 of them are some 50 ms
 * of work, which is as long as one client may keep the others waiting.
 */
const TURN_BYTES_MAX = 32_768

export interface GuardedSocket {
  /** What the guard held may be read now. */
  readOn(): void
}

/**
 * Puts a guard in front of a socket's `read`, which is how the broker takes bytes from it: a bounded piece in each turn of the event
 * loop. Nothing is copied and nothing is held: a second stream in between would cost both.
 */
export function guardSocket(socket: Readable, guard: ReadGuard): GuardedSocket {
  const read = socket.read.bind(socket) as (size?: number) => Uint8Array | null
  let hasRead = false
  // Whoever reads waits for this event, and the stream sends it only for bytes that are new.
  const readOn = () => {
    if (socket.readableLength > 0) socket.emit('readable')
  }
  socket.read = (size?: number): Uint8Array | null => {
    // The stream itself calls read(0) to have its buffer filled.
    if (size === 0) return read(0)
    if (hasRead || guard.holds()) return null
    const chunk = read(socket.readableLength > TURN_BYTES_MAX ? TURN_BYTES_MAX : size)
    if (chunk === null) return null
    hasRead = true
    setImmediate(() => {
      hasRead = false
      readOn()
    })
    const refusal = guard.judge(chunk)
    if (refusal === null) return chunk
    guard.refuse(refusal)
    return null
  }
  return { readOn }
}
