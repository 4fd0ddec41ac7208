/** Where Node and V8 say in one line why they end a process, among lines about the state it was in. */
const FATAL = [/^FATAL ERROR: (.+)$/m, /^# Fatal (.+)$/m, /^(.*Error: .+)$/m]

/**
 * The line of a dead process's standard error that says why it died; the first line when none does, and an empty text when it said nothing.
 * @param stderr - what it wrote, its beginning at least
 */
export function lastWords(stderr: string): string {
  for (const pattern of FATAL) {
    const line = pattern.exec(stderr)?.[1]
    if (line !== undefined) return line.trim()
  }
  return stderr.trim().split('\n', 1)[0] ?? ''
}
