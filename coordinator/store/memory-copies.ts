/** Copies of rows, so that what a reader changes is only its own. */
export function copies<T extends object>(rows: Iterable<T>): T[] {
  return Array.from(rows, row => ({ ...row }))
}

/** A copy of a row, or null when there is none. */
export function copyOf<T extends object>(row: T | undefined): T | null {
  return row ? { ...row } : null
}

/** Rows in the order of a text in them, sorted in place. */
export function sorted<T>(rows: T[], key: (row: T) => string): T[] {
  return rows.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
