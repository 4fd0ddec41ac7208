/** TOML that two readers understand: a whole one in Python, and rpi-preseed's in the shell, which knows two escapes. */
import { assert } from '../../../protocol/index.ts'

export type TomlValue = string | boolean | number | readonly string[]

/** Sections of keys; keys that are undefined, and sections without keys, are left out. */
export function toml(
  head: Readonly<Record<string, TomlValue>>,
  sections: Readonly<Record<string, Readonly<Record<string, TomlValue | undefined>>>>,
): string {
  const parts = [keys(head)]
  for (const [name, section] of Object.entries(sections)) {
    const lines = keys(section)
    if (lines !== '') parts.push(`[${name}]\n${lines}`)
  }
  return parts.join('\n')
}

function keys(section: Readonly<Record<string, TomlValue | undefined>>): string {
  const lines = Object.entries(section).map(([key, value]) => (value === undefined ? '' : `${key} = ${shown(value)}\n`))
  return lines.join('')
}

/** A list stands on one line: rpi-preseed ends longer ones at the first line with a bracket, even one within a text. */
function shown(value: TomlValue): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'object') return `[${value.map(quoted).join(', ')}]`
  return String(value)
}

function quoted(text: string): string {
  assert(!/\p{Cc}/u.test(text), 'a text of ours in TOML is one line')
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
