#!/usr/bin/env node
/**
 * The `hedgerow` command. It imports nothing before it knows that this Node can run the rest, so that an old Node prints
 * a sentence instead of a stack trace.
 */
const NODE_MAJOR_MIN = 24

const version = process.versions.node
if (Number.parseInt(version, 10) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `hedgerow needs Node ${NODE_MAJOR_MIN} or newer and this is ${version}: install a newer one from https://nodejs.org.\n`,
  )
  process.exitCode = 1
} else {
  const { runProcess } = await import('./process.ts')
  await runProcess(import.meta.filename)
}

export {}
