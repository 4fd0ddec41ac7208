/** Where the kernel's files are read; another root stands for a recorded tree in tests. */
export interface HostInit {
  /** Default `/`. */
  readonly root?: string
}

/** The kernel counts processor time in hundredths of a second for programs, on every board there is (`USER_HZ`). */
export const TICK_MS = 10

/** A whole number of at least 0, or null for any other text. */
export function countOf(text: string | null | undefined): number | null {
  return text !== null && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
}
