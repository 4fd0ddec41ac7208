/** What the command's exit code says to a script; explained in docs/cli.md. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  jobFailed: 3,
  unreachable: 4,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
