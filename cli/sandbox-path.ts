import { dirname, join, resolve } from 'node:path'

/**
 * The sandbox is a built file of its own: beside the built command, or in `dist` for a command run from its source.
 * @param entry - the file that started the command
 */
export function sandboxPath(entry: string): string {
  const root = resolve(dirname(entry), '..')
  return join(entry.endsWith('.ts') ? join(root, 'dist') : root, 'device', 'sandbox', 'main.cjs')
}
