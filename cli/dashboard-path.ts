import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * The folder of the built page: beside the built command, or in `dist` for a command run from its source; null when it was not built.
 * @param entry - the file that started the command
 */
export function dashboardPath(entry: string): string | null {
  const root = resolve(dirname(entry), '..')
  const folder = join(entry.endsWith('.ts') ? join(root, 'dist') : root, 'dashboard')
  return existsSync(join(folder, 'index.html')) ? folder : null
}
