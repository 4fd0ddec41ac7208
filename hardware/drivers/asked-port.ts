/** A serial port with sensors that speak only when asked: one question at a time, its answer picked out of whatever else comes. */
import type { Clock, HardwareError } from '../../protocol/index.ts'
import { createFramer, type FrameFormat } from '../serial/framer.ts'
import { keepOpen } from '../serial/keep-open.ts'
import type { SerialSettings } from '../serial-port.ts'
import type { DriverComponents } from './components.ts'

/** Why a question has no answer: the port is gone, nothing came in time, or something did but no whole answer was in it. */
export type LineFault = 'unplugged' | 'no_answer' | 'bad_frames'

/** A whole answer, or why there is none. */
export type Reply =
  | { readonly frame: Uint8Array; readonly fault: null }
  | { readonly frame: null; readonly fault: LineFault }

export interface Question {
  readonly bytes: Uint8Array
  /** What an answer looks like. */
  readonly answers: FrameFormat
  /** How long to wait for it, each time it is asked. */
  readonly timeoutMs: number
  /** Sent before the question is repeated, for a sensor that may be asleep; then it is given the pause to come to. */
  readonly wake?: { readonly bytes: Uint8Array; readonly pauseMs: number }
}

/** What went over the line. */
export interface AskedCounters {
  /** Repeated ones counted each time. */
  readonly questions: number
  readonly answers: number
  /** Questions after which nothing came at all. */
  readonly silences: number
  /** Questions after which no whole answer came. */
  readonly brokenAnswers: number
  /** All bytes, those that nobody waited for among them. */
  readonly receivedBytes: number
  /** How often the port was opened. */
  readonly opens: number
}

export interface AskedPort {
  readonly path: string
  /** Resolves when the port has been tried once. */
  readonly tried: Promise<void>
  /** Why the port is not open, in a sentence; null while it is. */
  readonly failure: HardwareError | null
  /** Grows when the port is opened again, after which the sensor may have lost its settings or be another one. */
  readonly opens: number
  readonly counters: AskedCounters
  /** Asks when all earlier questions are over, and once more when there was no answer. Never rejects. */
  ask(question: Question): Promise<Reply>
  /** Sends what has no answer. */
  tell(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

export interface AskedPortInit {
  readonly path: string
  readonly settings: SerialSettings
  /** How long the line must rest after an answer before the next question; default 0. */
  readonly restMs?: number
}

/** How long to let pass, after a question without an answer, what may still be on its way. A late answer must not be taken for the next one's. */
export const QUIET_MS = 50
/** How often a question is asked before it is given up. */
export const ATTEMPTS = 2

/** Opens the port and keeps it open. It may be missing; it is used when it comes. */
export function openAskedPort(
  { clock, openPort }: Pick<DriverComponents, 'clock' | 'openPort'>,
  { path, settings, restMs = 0 }: AskedPortInit,
): AskedPort {
  const counters = { questions: 0, answers: 0, silences: 0, brokenAnswers: 0, receivedBytes: 0 }
  let pending: { push(bytes: Uint8Array): void; lose(): void } | null = null
  let turn: Promise<unknown> = Promise.resolve()
  /** When the next question may be asked. */
  let rested: Promise<void> = Promise.resolve()

  const port = keepOpen({ clock, open: openPort }, path, settings, {
    onData: bytes => {
      counters.receivedBytes += bytes.length
      pending?.push(bytes)
    },
    onLost: () => pending?.lose(),
  })

  /** Runs when everything asked for before is over. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = turn.then(run)
    turn = result
    return result
  }

  async function askAgain(question: Question): Promise<Reply> {
    let reply = await exchange(question)
    for (let attempt = 1; attempt < ATTEMPTS && isWorthRepeating(reply); attempt++) {
      if (question.wake !== undefined) {
        await write(question.wake.bytes)
        await pause(clock, question.wake.pauseMs)
      }
      reply = await exchange(question)
    }
    return reply
  }

  async function exchange(question: Question): Promise<Reply> {
    if (port.state === 'open') await rested
    if (port.state !== 'open') return { frame: null, fault: 'unplugged' }
    counters.questions++
    const reply = await answerTo(question)
    if (reply.fault === null) counters.answers++
    if (reply.fault === 'no_answer') counters.silences++
    if (reply.fault === 'bad_frames') counters.brokenAnswers++
    const waitMs = reply.fault === null ? restMs : QUIET_MS
    if (waitMs > 0) rested = pause(clock, waitMs)
    return reply
  }

  function answerTo({ bytes, answers, timeoutMs }: Question): Promise<Reply> {
    return new Promise(resolve => {
      const finish = (reply: Reply): void => {
        pending = null
        timer.cancel()
        resolve(reply)
      }
      const framer = createFramer(answers, frame => finish({ frame, fault: null }))
      const timer = clock.setTimeout(() => {
        finish({ frame: null, fault: framer.counters.receivedBytes === 0 ? 'no_answer' : 'bad_frames' })
      }, timeoutMs)
      pending = { push: framer.push, lose: () => finish({ frame: null, fault: 'unplugged' }) }
      write(bytes)
    })
  }

  /** A port that goes away meanwhile is told by its loss. */
  function write(bytes: Uint8Array): Promise<void> {
    return port.write(bytes).catch(() => {})
  }

  return {
    path,
    tried: port.tried,
    get failure() {
      return port.failure
    },
    get opens() {
      return port.opens
    },
    get counters() {
      return { ...counters, opens: port.opens }
    },
    ask: question => inTurn(() => askAgain(question)),
    tell: bytes => inTurn(() => write(bytes)),
    close: async () => {
      await port.close()
      pending?.lose()
    },
  }
}

function isWorthRepeating({ fault }: Reply): boolean {
  return fault === 'no_answer' || fault === 'bad_frames'
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise(resolve => {
    clock.setTimeout(resolve, ms)
  })
}
