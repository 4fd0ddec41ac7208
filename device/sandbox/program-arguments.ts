import { concatBytes, utf8 } from '../../protocol/bytes.ts'

/** What a program finds as its own name, `argv[0]`. */
const PROGRAM_NAME = 'task'

/** The arguments of a job as a program finds them: NUL-terminated, after its own name. */
export function programArguments(args: readonly string[]): Uint8Array[] {
  return [PROGRAM_NAME, ...args].map(arg => concatBytes(utf8(arg), Uint8Array.of(0)))
}
