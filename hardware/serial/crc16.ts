/** The checksum of Modbus RTU frames. */

/**
 * CRC-16/MODBUS: polynomial 0x8005 reflected (0xA001), first 0xFFFF, no final exclusive-or.
 * @returns 0..65 535; on the wire its low byte comes first
 * @see "MODBUS over Serial Line, Specification and Implementation Guide" V1.02 §6.2.2
 */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1
  }
  return crc
}

/** A frame: the bytes with their checksum behind them. */
export function withCrc16(bytes: ArrayLike<number>): Uint8Array {
  const frame = new Uint8Array(bytes.length + 2)
  frame.set(bytes)
  const crc = crc16(frame.subarray(0, -2))
  frame[frame.length - 2] = crc & 0xff
  frame[frame.length - 1] = crc >>> 8
  return frame
}

/** Whether the last two bytes are the checksum of those before them. */
export function hasCrc16(frame: Uint8Array): boolean {
  if (frame.length < 3) return false
  const crc = crc16(frame.subarray(0, -2))
  return frame[frame.length - 2] === (crc & 0xff) && frame[frame.length - 1] === crc >>> 8
}
