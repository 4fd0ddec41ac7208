/** Values on their way into a POSIX shell: in quotes, in a file of assignments, never spliced into a script. */
import { assert } from '../../../protocol/index.ts'

/** A word that a POSIX shell reads back as the text. Texts hold no NUL; a shell could not hold it either. */
export function shellQuote(text: string): string {
  assert(!text.includes('\0'), 'a text for a shell holds no NUL')
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Lines `NAME='value'` for a shell's `.` command, sorted as given. */
export function shellAssignments(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${shellQuote(value)}\n`)
  return lines.join('')
}

/** A line of a systemd EnvironmentFile: in double quotes, where \ " $ and ` are written with a backslash. */
export function environmentLine(name: string, value: string): string {
  assert(!/[\0\n\r]/.test(value), 'a value of an environment file is one line')
  return `${name}="${value.replaceAll(/[\\"$`]/g, '\\$&')}"\n`
}
