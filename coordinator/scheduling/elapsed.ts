/**
 * How long a lease took its device. The device says it; the region saw when the lease left and when it came back, so no claim is taken
 * that would make the device much faster than that: leases grow with speed, and a claim of no time at all would draw the whole job.
 */

/** A device may spend so many times as long on the way and in its queue as it says it has worked. */
const DISBELIEF = 8

/**
 * @param claimedMs - what the device says
 * @param turnaroundMs - from the grant to the result
 * @param queuedMs - what the work it had before was expected to take
 */
export function plausibleElapsedMs(claimedMs: number, turnaroundMs: number, queuedMs: number): number {
  return Math.max(claimedMs, (turnaroundMs - queuedMs) / DISBELIEF)
}
