import { existsSync, realpathSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { ConfigError } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { PAGE_BYTES } from '../../protocol/metering/index.ts'
import type { KernelTools } from './find-kernel-tools.ts'
import { confined } from './kernel-tools.ts'

/** JavaScript objects of the sandbox, most of all while it meters the largest modules; the task's memory and the frames in hand are outside this heap. */
const HEAP_MIB = 192
/**
 * The engine's stack. Metered code stops itself at 1 MiB as the protocol counts; the largest frames found for it took twice that (calls with 200
 * results in the baseline compiler). Systems give the main thread 8 MiB.
 */
const STACK_KIB = 6_144
/** Machine code of one module; the largest module in plain code has about 50 MB. */
const CODE_MIB = 128
const MIB = 1_048_576

/**
 * How eagerly the engine puts small functions into their callers. Metered functions are about half as large again, so with the engine's own
 * bounds (5000, 3 and 500) it stops doing so in the middle of hot loops.
 */
export const INLINING_FLAGS: readonly string[] = [
  '--wasm-inlining-budget=60000',
  '--wasm-inlining-factor=12',
  '--wasm-inlining-max-size=1000',
]

/** What makes up a sandbox's command. */
export interface SandboxCommandInit {
  /** The Node executable. */
  readonly nodePath: string
  /** The built `device/sandbox/main.cjs`, which is one file, or its TypeScript source. */
  readonly entry: string
  /** What the kernel is asked with, or null where it cannot be. */
  readonly tools: KernelTools | null
}

/**
 * The command that starts a sandbox.
 * @throws {ConfigError} `not_found` when there is none at `entry`
 */
export function sandboxCommand({ nodePath, entry, tools }: SandboxCommandInit): readonly [string, ...string[]] {
  const command = [nodePath, ...sandboxArguments(entry)] as const
  return tools === null ? command : confined(tools, command)
}

/**
 * The arguments that start a sandbox under Node's permission model with nothing granted but reading its own code: no other file,
 * no child process, no worker, no addon, no inspector. Node of this line does not restrict sockets by it, and a task cannot name one.
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
    '--disallow-code-generation-from-strings',
    `--max-old-space-size=${HEAP_MIB}`,
    '--max-semi-space-size=1',
    `--stack-size=${STACK_KIB}`,
    // Functions are compiled when they are first called, and again by one thread when they are hot.
    '--wasm-lazy-compilation',
    '--v8-pool-size=1',
    ...INLINING_FLAGS,
    // What our own limits say already, said to the engine as well.
    `--wasm-max-mem-pages=${(LIMITS.memoryMiBMax * MIB) / PAGE_BYTES}`,
    `--wasm-max-committed-code-mb=${CODE_MIB}`,
    // So that memory of a unit that is over can be given back before the next one starts.
    '--expose-gc',
    main,
  ]
}
