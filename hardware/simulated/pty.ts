/**
 * Pseudo-terminals: serial ports of this machine without hardware, whose other end a simulated sensor holds. Node cannot make one, so a
 * program that is on every Debian does: `script` of util-linux, else `socat`.
 */
import { type ChildProcess, type ChildProcessByStdio, type StdioOptions, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { HardwareError } from '../../protocol/index.ts'

/** A pseudo-terminal. */
export interface Pty {
  /** What a driver opens, such as `/dev/pts/5`. */
  readonly path: string
  /**
   * Sends bytes to whoever has the port open. Like a sensor it does not wait: what does not fit while nobody reads is lost.
   * @returns false when they were lost
   */
  write(bytes: Uint8Array): boolean
  /**
   * What the reader writes. Bytes that came while nobody listened are lost.
   * @returns a function that stops listening
   */
  onData(listener: (bytes: Uint8Array) => void): () => void
  /** The speed the reader has set, 38 400 before anybody did; null when the port is gone or it cannot be told. */
  baudRate(): Promise<number | null>
  /** Takes the port away under the reader, as when a plug is pulled. */
  unplug(): void
  /** Resolves when the port is gone. */
  readonly closed: Promise<void>
}

/** A program that holds the other end of a terminal. */
type Master = ChildProcessByStdio<Writable, Readable, Readable | null>

/** Bytes that wait for a reader beyond what the kernel keeps. */
const BACKLOG_BYTES_MAX = 4_096

/**
 * Runs in the terminal: names it, then tells its speed for each line on descriptor 3 and ends with that, so that nothing stays behind
 * when the simulator is killed. It holds the terminal open, without which a reader's close would end it, and reads nothing from it.
 */
const HOLDER = 'stty raw -echo; tty; exec >/dev/null; while read -r _ <&3; do stty speed <&2 >&4 || echo 0 >&4; done'

/**
 * Makes a pseudo-terminal; it stays until {@link Pty.unplug} or until this process ends.
 * @throws {HardwareError} `not_installed` when neither `script` nor `socat` is there
 */
export async function openPty(): Promise<Pty> {
  return (await openByScript()) ?? (await openBySocat()) ?? refuse()
}

function refuse(): never {
  throw new HardwareError(
    { code: 'not_installed', path: 'script' },
    "A simulated port needs the program 'script' or 'socat'. Install one: 'sudo apt install bsdutils' or 'sudo apt install socat'.",
  )
}

/** util-linux `script`: its standard input and output are the other end of the terminal. Null where there is none. */
async function openByScript(): Promise<Pty | null> {
  const stdio: StdioOptions = ['pipe', 'pipe', 'ignore', 'pipe', 'pipe']
  // In a group of its own, so that Ctrl-C reaches the simulator alone.
  const child = spawn('script', ['-qfec', HOLDER, '/dev/null'], { stdio, detached: true }) as Master
  const path = await firstLine(child, child.stdout, /^(\/dev\/\S+)/)
  if (path === null) return null
  const ask = lineAsker(child.stdio[3] as Writable, child.stdio[4] as Readable)
  return wrap(path, child, ask)
}

/** `socat` names the terminal among its messages. Null where there is none. */
async function openBySocat(): Promise<Pty | null> {
  const child = spawn('socat', ['-d', '-d', 'pty,raw,echo=0', '-'], { stdio: 'pipe', detached: true })
  const path = await firstLine(child, child.stderr, /PTY is (\/dev\/\S+)/)
  return path === null ? null : wrap(path, child, () => speedOf(path))
}

/** What the first matching line of a child's output names; null when the program is missing or ends first. */
function firstLine(child: ChildProcess, output: Readable, pattern: RegExp): Promise<string | null> {
  return new Promise(resolve => {
    let text = ''
    const onData = (chunk: Uint8Array): void => {
      text += Buffer.from(chunk).toString('latin1')
      const found = text
        .split('\n')
        .slice(0, -1)
        .map(line => pattern.exec(line)?.[1])
        .find(match => match !== undefined)
      if (found === undefined) return
      output.off('data', onData)
      resolve(found)
    }
    output.on('data', onData)
    child.once('error', () => resolve(null))
    child.once('exit', () => resolve(null))
  })
}

function wrap(path: string, child: Master, askSpeed: () => Promise<number | null>): Pty {
  const { stdin, stdout } = child
  const listeners = new Set<(bytes: Uint8Array) => void>()
  const closed = new Promise<void>(resolve => {
    child.once('exit', () => resolve())
  })
  stdout.on('data', (bytes: Uint8Array) => {
    for (const listener of listeners) listener(bytes)
  })
  // Written to after the port was taken away.
  stdin.on('error', () => {})
  return {
    path,
    write: bytes => {
      const fits = stdin.writable && stdin.writableLength + bytes.length <= BACKLOG_BYTES_MAX
      if (fits) stdin.write(bytes)
      return fits
    },
    onData: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    baudRate: () => Promise.race([askSpeed(), closed.then(() => null)]),
    unplug: () => {
      child.kill('SIGKILL')
    },
    closed,
  }
}

/** Asks one line at a time and hands the answers out in order. */
function lineAsker(questions: Writable, answers: Readable): () => Promise<number | null> {
  const waiting: ((speed: number | null) => void)[] = []
  let text = ''
  answers.on('data', (chunk: Uint8Array) => {
    const lines = (text + Buffer.from(chunk).toString('latin1')).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) waiting.shift()?.(parseSpeed(line))
  })
  questions.on('error', () => {})
  answers.on('error', () => {})
  return () =>
    new Promise(resolve => {
      waiting.push(resolve)
      questions.write('\n')
    })
}

function speedOf(path: string): Promise<number | null> {
  const child = spawn('stty', ['-F', path, 'speed'], { stdio: ['ignore', 'pipe', 'ignore'] })
  return firstLine(child, child.stdout, /^(\d+)/).then(line => (line === null ? null : parseSpeed(line)))
}

function parseSpeed(line: string): number | null {
  const speed = Number.parseInt(line, 10)
  return speed > 0 ? speed : null
}
