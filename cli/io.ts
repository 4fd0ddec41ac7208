/** Everything a command may use of the process it runs in, so that a test can hand it something else. */
import type { Clock } from '../protocol/index.ts'

/** Standard output or standard error. */
export interface Terminal {
  write(chunk: string | Uint8Array): void
  readonly isTTY: boolean
  /** Width in cells; only meaningful on a terminal. */
  readonly columns: number
}

/** Standard input. */
export interface Input {
  readonly isTTY: boolean
  /** All of it, up to its end. */
  read(): Promise<Uint8Array>
  /** The answer to a question: one line without its end; empty when there is none. */
  line(): Promise<string>
}

/** The process a command runs in. */
export interface Io {
  readonly stdin: Input
  readonly stdout: Terminal
  readonly stderr: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where relative paths start. */
  readonly cwd: string
  readonly clock: Clock
  /** Aborted when somebody asks the command to stop: Ctrl-C, SIGTERM, or the parent process going away. */
  readonly stop: AbortSignal
  /** The file that starts this command, to start it again as a child process. */
  readonly entry: string
}
