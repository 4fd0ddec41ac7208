/** A value that the test has made sure is there. */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the test expects a value here')
  return value
}
