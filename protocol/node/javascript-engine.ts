import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigError } from '../errors.ts'

const NAME = join('protocol', 'javascript-engine.wasm')

let engine: Uint8Array | null = null

/**
 * The engine that scripts are composed with, as the build leaves it in `dist`. It is read once, so that everybody who composes holds the
 * same array.
 * @throws {ConfigError} `not_found` when nothing has been built
 */
export function readJavaScriptEngine(): Uint8Array {
  engine ??= new Uint8Array(readFileSync(enginePath()))
  return engine
}

/** This code may be in a file of its own, in one with others in `dist` or in a folder of it, or still be TypeScript beside `dist`. */
function enginePath(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const found = [join(folder, NAME), join(folder, 'dist', NAME)].find(path => existsSync(path))
    if (found !== undefined) return found
    if (folder !== dirname(folder)) continue
    const message = 'There is no engine for JavaScript tasks: build Hedgerow (npm run build) or install it again.'
    throw new ConfigError({ code: 'not_found', path: NAME }, message)
  }
}
