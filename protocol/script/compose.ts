/** A JavaScript task is an ordinary module: the JavaScript engine with the script inside. */
import { fromUtf8 } from '../bytes.ts'
import { TaskError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { type ScriptCompiler, scriptCompiler } from './compile.ts'
import { withSegment } from './segment.ts'

/** Where in the script something is wrong, counted from 1; null where it is about the whole. */
interface Place {
  readonly line: number | null
  readonly column: number | null
}

const BEGINNING = 'begin it with `export default function (input) { … }`'
const NOWHERE: Place = { line: null, column: null }

/** Making one takes as long as compiling a hundred scripts. */
const compilers = new WeakMap<Uint8Array, ScriptCompiler>()

/**
 * The module that runs a script: it is compiled by the engine, and none of it is run. The same engine and script give the same bytes, so
 * anybody can name the module by its SHA-256.
 * @param engine - `javascript-engine.wasm` as the build makes it; given as the same array again, it starts faster
 * @param script - an ES module with a default export, 1..{@link LIMITS}.scriptBytesMax bytes of UTF-8
 * @returns a reactor that runs on any device
 * @throws {TaskError} `bad_script` with the place of a syntax error, or when the script is empty, too long, not UTF-8 or has no default export
 */
export function composeScript(engine: Uint8Array, script: Uint8Array): Uint8Array {
  const source = sourceOf(script)
  const compiler = compilers.get(engine) ?? scriptCompiler(engine)
  compilers.set(engine, compiler)
  const compiled = compiler(script)
  if (compiled.kind === 'refused') return refuse(compiled.reason, compiled)
  if (!mayExportDefault(source)) refuse(`it has no default export to call: ${BEGINNING}`)
  return withSegment(engine, compiled.segment)
}

function sourceOf(script: Uint8Array): string {
  if (script.length === 0) refuse(`it is empty: ${BEGINNING}`)
  if (script.length > LIMITS.scriptBytesMax) {
    refuse(
      `it has ${script.length} bytes, the limit is ${LIMITS.scriptBytesMax}: minify it, or leave data to the input`,
    )
  }
  try {
    return fromUtf8(script)
  } catch {
    return refuse('it is not UTF-8 text: send the JavaScript source')
  }
}

/**
 * False where there is certainly none: `export` cannot be written otherwise, `default` only with an escape. What is overlooked here, such
 * as the words in a comment, ends each unit with an error.
 */
function mayExportDefault(source: string): boolean {
  return /\bexport\b/.test(source) && /default|\\/.test(source)
}

function refuse(reason: string, { line, column }: Place = NOWHERE): never {
  const where = line === null ? '' : ` at line ${line}, column ${column}`
  throw new TaskError({ code: 'bad_script', reason, line, column }, `The script is refused${where}: ${reason}.`)
}
