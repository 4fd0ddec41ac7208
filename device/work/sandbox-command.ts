import { existsSync, realpathSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { ConfigError } from '../../protocol/errors.ts'

/** JavaScript objects of the sandbox; the task's memory and the frames in hand are outside this heap. */
const HEAP_MIB = 64

/**
 * The arguments that start a sandbox under Node's permission model with nothing granted but reading its own code: no other file,
 * no child process, no worker, no addon, no inspector. Node of this line does not restrict sockets by it; a task
 * cannot name one, and the service's unit file takes the network away from the process.
 * @param entry - the built `device/sandbox/main.js`, which is one file, or its TypeScript source
 * @throws {ConfigError} `not_found`
 */
export function sandboxArguments(entry: string): string[] {
  if (!existsSync(entry)) {
    throw new ConfigError(
      { code: 'not_found', path: entry },
      `There is no sandbox at ${entry}; build or install it again.`,
    )
  }
  const main = realpathSync(entry)
  // In source form the code is spread over the package and its dependencies.
  const readable = extname(main) === '.ts' ? join(dirname(main), '..', '..', '*') : main
  return [
    '--permission',
    `--allow-fs-read=${readable}`,
    '--no-warnings',
    `--max-old-space-size=${HEAP_MIB}`,
    '--max-semi-space-size=1',
    main,
  ]
}
