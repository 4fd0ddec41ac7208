/** The build lines of the kernels: what a developer's toolchain does by default, optimised and stripped. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { messageOf } from '../../../../protocol/errors.ts'

/** Debian's packages clang, lld, libclang-rt-14-dev-wasm32 and wasi-libc. */
const CLANG = 'clang'
/** Without npm's folder of commands: clang would run the wasm-opt it finds there, and the modules would depend on it. */
const CLANG_PATH = '/usr/bin:/bin'
const WASI_LIBC = '/usr/lib/wasm32-wasi/libc.a'
const CLANG_FLAGS = ['--target=wasm32-wasi', '-O2', '-s', '-Wall', '-Wextra', '-Werror']

/** Kernels in C that differ from the others: commands, which have a `main`, and those that use instructions past the first version of WebAssembly. */
const COMMANDS: readonly string[] = ['words.c']
const BULK_MEMORY: readonly string[] = ['copy.c']

/** Whether the C kernels can be compiled on this machine. */
export function hasClang(): boolean {
  return existsSync(WASI_LIBC) && clang(['--version']).status === 0
}

/** @throws {Error} with what clang says */
export function compileC(source: string, output: string): void {
  const name = basename(source)
  const args = [...CLANG_FLAGS, '-o', output, source]
  if (!COMMANDS.includes(name)) args.unshift('-mexec-model=reactor')
  if (BULK_MEMORY.includes(name)) args.unshift('-mbulk-memory')
  const { status, stderr } = clang(args)
  if (status !== 0) throw new Error(`${CLANG} ${args.join(' ')}\n${stderr}`)
}

function clang(args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(CLANG, args, { encoding: 'utf8', env: { PATH: CLANG_PATH } })
}

/** @throws {Error} with what the AssemblyScript compiler says */
export async function compileAs(source: string, output: string): Promise<void> {
  // Loaded only when there is something to compile, since the compiler takes a second to start.
  const { default: asc } = await import('assemblyscript/asc')
  // Messages of failed assertions name the source file, which must not depend on where this runs.
  const { error, stderr } = await asc.main([basename(source), '--baseDir', dirname(source), '--outFile', output, '-O3'])
  if (error !== null) throw new Error(`${messageOf(error)}\n${stderr.toString()}`.trim())
}
