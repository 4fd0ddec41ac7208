/**
 * Compiles the kernels into `prebuilt/`, which is kept in the repository: not every machine has clang, and the compilers themselves are no part of what is
 * measured. `node test/bench/metering/kernels/build.ts`; without clang and wasi-libc the C kernels stay as they are.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileAs, compileC, hasClang } from './compilers.ts'

const here = import.meta.dirname
/** Where the modules are, in a folder for each language. */
export const PREBUILT = join(here, 'prebuilt')
/** SHA-256 of each language's sources as they were compiled last. */
export const SOURCES_FILE = join(PREBUILT, 'sources.json')

const LANGUAGES = {
  as: { extension: '.ts', shared: ['reactor.ts'], compile: compileAs },
  c: { extension: '.c', shared: ['kernel.h'], compile: compileC },
} as const
export type Language = keyof typeof LANGUAGES

/** SHA-256 of all sources of a language, by which a module that is older than its source is noticed. */
export function sourcesHash(language: Language): string {
  const hash = createHash('sha256')
  for (const name of sourceFiles(language)) hash.update(`${name}\0`).update(readFileSync(join(here, language, name)))
  return hash.digest('hex')
}

function sourceFiles(language: Language): string[] {
  const { extension, shared } = LANGUAGES[language]
  const names = readdirSync(join(here, language)).filter(name => name.endsWith(extension))
  return [...new Set([...names, ...shared])].sort()
}

/** Compiles every kernel of a language into `folder`. @throws {Error} with what the compiler says */
export async function buildAll(language: Language, folder: string): Promise<void> {
  const { extension, shared, compile } = LANGUAGES[language]
  mkdirSync(folder, { recursive: true })
  for (const name of sourceFiles(language).filter(source => !shared.some(one => one === source))) {
    await compile(join(here, language, name), join(folder, `${basename(name, extension)}.wasm`))
  }
}

async function main(): Promise<void> {
  const hashes: Partial<Record<Language, string>> = existsSync(SOURCES_FILE)
    ? JSON.parse(readFileSync(SOURCES_FILE, 'utf8'))
    : {}
  for (const language of ['as', 'c'] as const) {
    if (language === 'c' && !hasClang()) {
      console.warn('The C kernels stay as they are: there is no clang with wasi-libc here.')
      continue
    }
    await buildAll(language, join(PREBUILT, language))
    hashes[language] = sourcesHash(language)
  }
  writeFileSync(SOURCES_FILE, `${JSON.stringify(hashes, null, 2)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
