import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type afterAll, afterEach } from 'vitest'

/**
 * A maker of empty folders.
 * @param when - they are deleted after; all tests for those that run at once
 */
export function tempDirs(when: typeof afterEach | typeof afterAll = afterEach): () => string {
  const made: string[] = []
  when(() => {
    for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
  })
  return () => {
    const dir = mkdtempSync(join(tmpdir(), 'hedgerow-test-'))
    made.push(dir)
    return dir
  }
}
