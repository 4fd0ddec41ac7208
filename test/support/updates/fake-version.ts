/** Versions that say which one runs, as small as can be, with the real updater in them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** How a version behaves. */
export type Behaviour = 'good' | 'crashes' | 'hangs' | 'stays alone' | 'cannot update'

/** Puts a program into one file, which starts three times as fast as its sources. @returns its path */
async function bundle(source: string, outfile: string): Promise<string> {
  const banner =
    "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);"
  await build({
    entryPoints: [source],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    outfile,
    logLevel: 'error',
    banner: { js: banner },
  })
  return outfile
}

/** The commands of releases and updates. */
export const buildTool = (dir: string): Promise<string> =>
  bundle(join(import.meta.dirname, 'hedgerow.ts'), join(dir, 'hedgerow.mjs'))

/** The launcher, as one file without anything beside it. */
export const buildLauncher = (dir: string): Promise<string> =>
  bundle(join(import.meta.dirname, '../../../device/launcher/main.ts'), join(dir, 'launcher.mjs'))

/**
 * The program of a version: appends itself to `started.log` in the folder of the run, and reports as devices do.
 * @param tool - what {@link buildTool} made
 */
export function fakeMain(version: string, behaviour: Behaviour, tool: string, dir: string): string {
  return `import { appendFileSync } from 'node:fs'
const behaviour = ${JSON.stringify(behaviour)}
if (process.argv[3] === 'update') {
  if (behaviour === 'cannot update') process.exit(1)
  process.env.HEDGEROW_TEST_ENTRY = import.meta.filename
  await import(${JSON.stringify(tool)})
} else {
  appendFileSync(${JSON.stringify(join(dir, 'started.log'))}, ${JSON.stringify(`${version}\n`)})
  if (behaviour === 'crashes') process.exit(7)
  if (behaviour !== 'hangs') {
    setInterval(() => {
      if (process.connected) process.send({
        hedgerow: 'report', joined: behaviour !== 'stays alone', busy: false,
        device: ${JSON.stringify('a'.repeat(26))}, region: 'home', updatesUrl: null,
      })
    }, 20)
  } else setInterval(() => {}, 1000)
  process.on('SIGTERM', () => process.exit(0))
  process.on('disconnect', () => process.exit(0))
}
`
}

/** The package that a card came with. */
export function layBase(dir: string, version: string, main: string): void {
  mkdirSync(join(dir, 'dist', 'cli'), { recursive: true })
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'hedgerow', version, type: 'module' }))
  writeFileSync(join(dir, 'dist', 'cli', 'main.js'), main)
}
