#!/usr/bin/env node
/**
 * The `hedgerow` command. It imports nothing before it knows that this Node can run the rest, so that an old Node prints
 * a sentence instead of a stack trace.
 */
/** The first with all that is used of it, which is what regions' own certificates take. */
const NODE_MIN = '24.5'

const version = process.versions.node
const [major = 0, minor = 0] = version.split('.').map(Number)
const [majorMin = 0, minorMin = 0] = NODE_MIN.split('.').map(Number)
if (major < majorMin || (major === majorMin && minor < minorMin)) {
  process.stderr.write(
    `hedgerow needs Node ${NODE_MIN} or newer and this is ${version}: install a newer one from https://nodejs.org.\n`,
  )
  process.exitCode = 1
} else {
  const { runProcess } = await import('./process.ts')
  await runProcess(import.meta.filename)
}

export {}
