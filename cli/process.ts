/** Joins the command to the real process: arguments, environment, streams, signals and clock. */
import { buffer } from 'node:stream/consumers'
import { systemClock } from '../protocol/node/index.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-codes.ts'
import type { Io, Terminal } from './io.ts'
import { run } from './run.ts'

/** A second Ctrl-C, or this long after the first, ends the process whatever it is doing. */
const STOP_GRACE_MS = 10_000

/**
 * Runs the command of this process's arguments and ends the process with its exit code.
 * @param entry - the file this process was started with
 * @param commands - instead of all there are
 */
export async function runProcess(entry: string, commands?: readonly Command[]): Promise<void> {
  quietOnBrokenPipe(process.stdout)
  quietOnBrokenPipe(process.stderr)
  const io: Io = {
    stdin: {
      isTTY: process.stdin.isTTY === true,
      read: () => buffer(process.stdin).then(bytes => new Uint8Array(bytes)),
      line: readLine,
    },
    stdout: terminal(process.stdout),
    stderr: terminal(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    stop: stopSignal(),
    entry,
  }
  const code = await run(process.argv.slice(2), io, commands)
  await flushed(process.stdout)
  process.exit(code)
}

/** One line from standard input. Ctrl-C stays what it is: the terminal is not put into another mode. */
function readLine(): Promise<string> {
  const lines = process.getBuiltinModule('node:readline').createInterface({ input: process.stdin, terminal: false })
  return new Promise(resolve => {
    lines.once('line', line => {
      resolve(line)
      lines.close()
    })
    lines.once('close', () => resolve(''))
  })
}

function terminal(stream: NodeJS.WriteStream): Terminal {
  return {
    write: chunk => {
      stream.write(chunk)
    },
    get isTTY() {
      return stream.isTTY === true
    },
    get columns() {
      // A terminal that does not know its width says 0.
      return stream.columns || 80
    },
  }
}

/** `hedgerow job list | head` must not end in a stack trace. */
function quietOnBrokenPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    throw error
  })
}

/** Aborted by SIGINT or SIGTERM. A process started with a channel to its parent also stops when the parent is gone. */
function stopSignal(): AbortSignal {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) return
    controller.abort()
    setTimeout(() => process.exit(EXIT.failure), STOP_GRACE_MS).unref()
  }
  process.once('SIGINT', () => {
    stop()
    process.once('SIGINT', () => process.exit(EXIT.interrupted))
  })
  process.on('SIGTERM', stop)
  process.once('disconnect', stop)
  return controller.signal
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    stream.write('', () => resolve())
  })
}
