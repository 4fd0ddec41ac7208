import type { Disk } from '../hardware/image/index.ts'
import { ConfigError } from '../protocol/index.ts'
import { usage } from './args.ts'
import { gigabytes } from './flash-words.ts'
import type { Io } from './io.ts'
import { printable } from './terminal/text.ts'

/**
 * Asks whether a disk may be erased; the answer is its name, since a `y` is typed too easily.
 * @throws {UsageError} when there is nobody to ask
 * @throws {ConfigError} `bad_option` for any other answer
 */
export async function confirmErase(io: Io, { name, path, model, sizeBytes }: Disk): Promise<void> {
  if (!io.stdin.isTTY) {
    throw usage({ name: 'flash' }, `--yes is missing: there is no terminal to ask whether ${path} may be erased`)
  }
  const what = [model, gigabytes(sizeBytes)].filter(part => part !== '').join(', ')
  io.stderr.write(`Everything on ${path} (${printable(what)}) will be erased. Type ${name} to go on: `)
  const answer = await Promise.race([io.stdin.line(), stopped(io.stop)])
  if ([name, path].includes(answer.trim())) return
  const reason = `the answer was not '${name}'`
  throw new ConfigError({ code: 'bad_option', path, reason }, `Nothing was written to ${path}: ${reason}.`)
}

/** Whoever presses Ctrl-C at a question has said no. */
function stopped(stop: AbortSignal): Promise<string> {
  return new Promise(resolve => {
    if (stop.aborted) resolve('')
    stop.addEventListener('abort', () => resolve(''), { once: true })
  })
}
