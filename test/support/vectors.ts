/** Finds the public test vectors of other projects, and says loudly when they are missing. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'

const folder = process.env.HEDGEROW_VECTORS ?? join(import.meta.dirname, '../../../shared/vectors')

/** Where a folder of vectors is. */
export function vectorFolder(path: string): string {
  return join(folder, path)
}

/** The text of a vector file. */
export function vectorText(path: string): string {
  return readFileSync(join(folder, path), 'utf8')
}

/** The bytes of a vector file. */
export function vectorBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, path)))
}

/**
 * A suite that needs vector files. Where one is missing the suite is a single skipped test that names it.
 * @param paths - inside the vectors folder
 */
export function describeVectors(title: string, paths: readonly string[], body: () => void): void {
  const missing = paths.filter(path => !existsSync(join(folder, path)))
  if (missing.length === 0) describe(title, body)
  else test.skip(`MISSING VECTORS, NOT TESTED: ${title} (set HEDGEROW_VECTORS to a folder with ${missing.join(', ')})`)
}
