import { join } from 'node:path'
import type { Io } from '../../cli/io.ts'
import { systemClock } from '../../protocol/node/index.ts'

/** This process's terminal, and the command line that starts devices. */
export function processIo(): Io {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
  const terminal = (stream: NodeJS.WriteStream) => ({
    write: (chunk: string | Uint8Array) => void stream.write(chunk),
    isTTY: stream.isTTY === true,
    columns: stream.columns ?? 80,
  })
  return {
    stdout: terminal(process.stdout),
    stderr: terminal(process.stderr),
    // Nothing here asks anybody.
    stdin: { isTTY: false, read: async () => new Uint8Array(), line: async () => '' },
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    stop: stop.signal,
    entry: join(import.meta.dirname, '../../dist/cli/main.js'),
  }
}
