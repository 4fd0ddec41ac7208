/** What work costs beyond the instructions themselves, in fuel. All of it belongs to the metering version. */

/** Calling an imported function, before what it does by length. */
export const HOST_CALL_FUEL = 200

/** Bytes of memory that are moved, filled or compared for one fuel. */
const BYTES_PER_FUEL = 8

/**
 * An entry of a list that a host function takes: it is read, checked and worked on by itself. Measured at 110 ns an entry, 590 fuel a
 * microsecond, where plain calls of host functions come to 1130.
 */
const FUEL_PER_LIST_ENTRY = 64

/** SHA-256 blocks make the random stream, about 100 instructions for each of their bytes. */
const FUEL_PER_RANDOM_BYTE = 100

/**
 * What a host function costs for the bytes it reads or writes in a task's memory, charged before it does so.
 * @param bytes - 0 or more, as the task asked for
 * @see spec/metering.md [FUEL-4.2]
 */
export function hostFuel(bytes: number): number {
  return Math.floor(bytes / BYTES_PER_FUEL)
}

/**
 * What a host function costs for a list that it is given, charged before any entry is read.
 * @param entries - 0 or more, as the task asked for
 * @see spec/metering.md [FUEL-4.4]
 */
export function listFuel(entries: number): number {
  return entries * FUEL_PER_LIST_ENTRY
}

/**
 * What so many random bytes cost, charged before they are made.
 * @see spec/metering.md [FUEL-4.3]
 */
export function randomFuel(bytes: number): number {
  return bytes * FUEL_PER_RANDOM_BYTE
}
