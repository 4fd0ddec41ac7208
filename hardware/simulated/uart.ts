/** What a serial line does to bytes when its two ends disagree about the speed. */

/** A byte on the wire, 8N1: a start bit, eight bits from the lowest up, a stop bit. */
const BITS = 10

/**
 * What a receiver at one speed makes of bytes that were sent at another, back to back on an idle line: it samples the middle of each bit
 * it expects after each falling edge. A byte without a stop bit where one must be is a framing error, which Linux drops (`IGNPAR`).
 */
export function readAtSpeed(bytes: Uint8Array, sentBaud: number, readBaud: number): Uint8Array {
  if (sentBaud === readBaud) return bytes
  /** Bits of the sender in one bit of the receiver. */
  const step = sentBaud / readBaud
  const endBits = bytes.length * BITS
  const received: number[] = []
  for (let edge = nextStart(bytes, 0); edge < endBits; ) {
    let value = 0
    for (let bit = 0; bit < 8; bit++) value |= levelAt(bytes, edge + (bit + 1.5) * step) << bit
    const stop = edge + 9.5 * step
    if (levelAt(bytes, stop) === 1) received.push(value)
    edge = nextStart(bytes, Math.ceil(stop))
  }
  return Uint8Array.from(received)
}

/** The line's level at a time in bits of the sender; it rests high. */
function levelAt(bytes: Uint8Array, time: number): 0 | 1 {
  const bit = Math.floor(time)
  const byte = bytes[Math.floor(bit / BITS)]
  if (byte === undefined) return 1
  const position = bit % BITS
  if (position === 0) return 0
  return position === BITS - 1 ? 1 : (((byte >> (position - 1)) & 1) as 0 | 1)
}

/** The next falling edge at or after a bit. */
function nextStart(bytes: Uint8Array, from: number): number {
  for (let bit = from; bit < bytes.length * BITS; bit++) {
    if (levelAt(bytes, bit) === 0 && (bit === 0 || levelAt(bytes, bit - 1) === 1)) return bit
  }
  return bytes.length * BITS
}
