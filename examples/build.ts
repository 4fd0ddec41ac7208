/** Compiles the AssemblyScript examples whose sources are newer than what was built of them. `--quiet` prints errors only. */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../protocol/errors.ts'

const EXAMPLES = ['word-count', 'noop']
const here = import.meta.dirname
const quiet = process.argv.includes('--quiet')

function isStale(sources: string, built: string): boolean {
  if (!existsSync(built)) return true
  const builtMs = statSync(built).mtimeMs
  return readdirSync(sources).some(name => statSync(join(sources, name)).mtimeMs > builtMs)
}

async function build(name: string): Promise<void> {
  const sources = join(here, name, 'assembly')
  const built = join(here, name, 'build', `${name}.wasm`)
  if (!isStale(sources, built)) return
  mkdirSync(join(here, name, 'build'), { recursive: true })
  // Loaded only when there is something to compile, since the compiler takes a second to start.
  const { default: asc } = await import('assemblyscript/asc')
  const { error, stderr } = await asc.main([join(sources, 'index.ts'), '--outFile', built, '-O3'])
  if (error !== null) throw new Error(`${messageOf(error)}\n${stderr.toString()}`.trim())
  if (!quiet) console.log(`built ${built}`)
}

for (const name of EXAMPLES) {
  try {
    await build(name)
  } catch (error) {
    console.error(`The example '${name}' could not be compiled; correct its source, or run npm ci. ${messageOf(error)}`)
    process.exitCode = 1
  }
}
