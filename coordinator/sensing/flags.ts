/** Flags as the store keeps them: two bytes for each reading, big-endian. */
import { type Flags, flag } from '../../protocol/index.ts'

export function flagBytes(flags: readonly Flags[]): Uint8Array {
  const bytes = new Uint8Array(flags.length * 2)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of flags.entries()) view.setUint16(i * 2, value)
  return bytes
}

/** The flags of each reading. */
export function readFlags(bytes: Uint8Array): Flags[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(i * 2))
}

/** How many readings came late. */
export const countLate = (flags: readonly Flags[]): number => flags.filter(value => (value & flag('late')) !== 0).length
