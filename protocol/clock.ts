/** Time as it is handed to everything that needs it. Wall and monotonic time are kept apart on purpose. */

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since 1970 by this machine's belief; may jump. Never used for ordering. */
  wallMs(): number
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number
  /** Calls `fn` once after `delayMs`. */
  setTimeout(fn: () => void, delayMs: number): Timer
}
