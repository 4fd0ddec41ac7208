/** A task on this machine's disk, read and checked as a region would. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { engine } from '../device/sandbox/engine.ts'
import { composeScript, messageOf, TaskError } from '../protocol/index.ts'
import { inspectModule, type ModuleInfo } from '../protocol/metering/index.ts'
import { readJavaScriptEngine } from '../protocol/node/index.ts'

/** A module that a region would accept. */
export interface TaskModule {
  readonly path: string
  readonly bytes: Uint8Array
  readonly info: ModuleInfo
}

/** Names of files that hold JavaScript rather than a module. */
const SCRIPT_NAME = /\.m?js$/i

/**
 * Reads a module, or a script, which becomes one, and refuses it where a region would.
 * @throws {TaskError} `bad_module` · {TaskError} `bad_script`; system errors of the file
 */
export async function readTaskModule(cwd: string, name: string): Promise<TaskModule> {
  const path = resolve(cwd, name)
  const content = new Uint8Array(await readFile(path))
  const bytes = SCRIPT_NAME.test(name) ? composeScript(readJavaScriptEngine(), content) : content
  const info = inspectModule(bytes)
  try {
    new engine.Module(bytes)
  } catch (cause) {
    const reason = messageOf(cause).replace(/^WebAssembly\.Module\(\): /, '')
    const message = `The module is not valid WebAssembly: ${reason}. Build it again, and check that the file arrived whole.`
    throw new TaskError({ code: 'bad_module', section: 'module', offset: 0, reason }, message, { cause })
  }
  return { path, bytes, info }
}
