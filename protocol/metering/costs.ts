/** What work costs beyond the instructions themselves, in fuel. All of it belongs to the metering version. */

/** Calling an imported function, before what it does by length. */
export const HOST_CALL_FUEL = 200

/** Bytes of memory that are moved, filled or compared for one fuel. */
const BYTES_PER_FUEL = 8

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
 * What so many random bytes cost, charged before they are made.
 * @see spec/metering.md [FUEL-4.3]
 */
export function randomFuel(bytes: number): number {
  return bytes * FUEL_PER_RANDOM_BYTE
}
