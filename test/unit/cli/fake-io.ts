/** A process for commands under test: what they write is kept, time stands still until it is moved. */
import type { Io, Terminal } from '../../../cli/io.ts'
import type { Clock } from '../../../protocol/index.ts'

export interface FakeTerminal extends Terminal {
  text(): string
}

export interface FakeClock extends Clock {
  /** Runs the timers that are due within this time. */
  advance(ms: number): Promise<void>
}

export interface FakeIo extends Io {
  readonly stdout: FakeTerminal
  readonly stderr: FakeTerminal
  readonly clock: FakeClock
  /** What Ctrl-C does. */
  abort(): void
}

export function fakeTerminal(isTTY = false, columns = 80): FakeTerminal {
  const chunks: Uint8Array[] = []
  return {
    isTTY,
    columns,
    write: chunk => {
      chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    },
    text: () => Buffer.concat(chunks).toString(),
  }
}

export function fakeClock(): FakeClock {
  let now = 0
  const timers = new Set<{ atMs: number; fn: () => void }>()
  return {
    wallMs: () => 1_700_000_000_000 + now,
    monotonicMs: () => now,
    setTimeout: (fn, delayMs) => {
      const timer = { atMs: now + delayMs, fn }
      timers.add(timer)
      return { cancel: () => timers.delete(timer) }
    },
    advance: async ms => {
      now += ms
      for (const timer of [...timers]) {
        if (timer.atMs > now) continue
        timers.delete(timer)
        timer.fn()
      }
    },
  }
}

export function fakeIo(
  options: { cwd?: string; env?: Io['env']; isTTY?: boolean; input?: Uint8Array; line?: string } = {},
): FakeIo {
  const controller = new AbortController()
  return {
    stdin: {
      isTTY: options.isTTY ?? false,
      read: async () => options.input ?? new Uint8Array(0),
      line: async () => options.line ?? '',
    },
    stdout: fakeTerminal(options.isTTY),
    stderr: fakeTerminal(options.isTTY),
    env: options.env ?? {},
    cwd: options.cwd ?? '/nowhere',
    clock: fakeClock(),
    stop: controller.signal,
    entry: '/nowhere/main.ts',
    abort: () => controller.abort(),
  }
}
