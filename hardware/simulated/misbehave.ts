/** The line between a simulated sensor and its reader: what real ones do wrong, on request. */
import type { Clock, Random, Timer } from '../../protocol/index.ts'
import type { Pty } from './pty.ts'
import { readAtSpeed } from './uart.ts'

/** What goes wrong. Nothing does by default. */
export interface Misbehaviour {
  /** Chance that a byte is lost on the way, 0..1. */
  readonly byteLoss?: number
  /** Chance that a byte of a frame is changed on the way, 0..1. */
  readonly checksumErrors?: number
  /** The first frame is in its middle when the reader comes. */
  readonly joinMidFrame?: boolean
  /** What the model says when its fan is broken. */
  readonly fanDead?: boolean
  /** It has power and says nothing, as when its transmitting wire is loose. */
  readonly silent?: boolean
  /** It speaks at another speed than its model does. */
  readonly wrongBaud?: boolean
  /** Its plug is pulled after this time. */
  readonly unplugAfterMs?: number
}

export interface SimulatorComponents {
  readonly clock: Clock
  readonly random: Random
}

/** What every simulator takes. */
export interface SimulatorOptions {
  readonly misbehave?: Misbehaviour
  /** Milliseconds between frames of a sensor that speaks by itself; the model's own when left out. */
  readonly intervalMs?: number
  /** Told in words what is sent, once a frame. */
  readonly onSent?: (words: string) => void
}

/** What went over a line. */
export interface LineCounters {
  readonly sentFrames: number
  /** Those that reached the reader whole and at its speed. */
  readonly intactFrames: number
}

/** A simulated sensor that runs. */
export interface Simulated {
  readonly counters: LineCounters
  /** Ends it; the port stays. */
  stop(): void
}

/** A simulator's end of the line. */
export interface SimulatedLine {
  readonly counters: LineCounters
  /** Sends one whole frame. @returns whether it goes out whole and at the reader's speed */
  send(frame: Uint8Array): boolean
  /** Hears what the reader writes, as the model hears it at its own speed. */
  onData(listener: (bytes: Uint8Array) => void): void
  close(): void
}

/** How often a line looks whether its reader has set another speed. */
const SPEED_CHECK_MS = 500
/** Speeds of models are 9 600 but for those that are faster; either is wrong for the other. */
const FAST_BAUD = 115_200
const SLOW_BAUD = 9_600

/** @param baudRate - the model's */
export async function openLine(
  pty: Pty,
  { clock, random }: SimulatorComponents,
  baudRate: number,
  misbehave: Misbehaviour = {},
): Promise<SimulatedLine> {
  const ownBaud = misbehave.wrongBaud === true ? (baudRate === SLOW_BAUD ? FAST_BAUD : SLOW_BAUD) : baudRate
  const counters = { sentFrames: 0, intactFrames: 0 }
  const timers = new Set<Timer>()
  let readerBaud = await pty.baudRate()
  let heard = Promise.resolve()
  let isFirst = true
  let open = true
  let unlisten = (): void => {}

  async function lookAtSpeed(): Promise<void> {
    readerBaud = await pty.baudRate()
  }

  function keepLooking(): void {
    const timer = clock.setTimeout(() => {
      timers.delete(timer)
      lookAtSpeed().then(() => {
        if (open) keepLooking()
      })
    }, SPEED_CHECK_MS)
    timers.add(timer)
  }

  /** The frame as it leaves the wire: the same array when nothing happened to it. */
  function worn(frame: Uint8Array): Uint8Array {
    let bytes = frame
    if (isFirst && misbehave.joinMidFrame === true) bytes = bytes.subarray(1 + below(random, frame.length - 1))
    isFirst = false
    if (chance(random, misbehave.checksumErrors)) bytes = withOneChanged(bytes, random)
    const left = bytes.filter(() => !chance(random, misbehave.byteLoss))
    return left.length === bytes.length ? bytes : left
  }

  function close(): void {
    open = false
    for (const timer of timers) timer.cancel()
    timers.clear()
    unlisten()
  }

  keepLooking()
  if (misbehave.unplugAfterMs !== undefined) timers.add(clock.setTimeout(() => pty.unplug(), misbehave.unplugAfterMs))
  pty.closed.then(close)

  return {
    counters,
    send(frame) {
      if (!open || misbehave.silent === true) return false
      const bytes = worn(frame)
      const isSameSpeed = readerBaud === null || readerBaud === ownBaud
      const taken = pty.write(isSameSpeed ? bytes : readAtSpeed(bytes, ownBaud, readerBaud ?? ownBaud))
      const isIntact = taken && isSameSpeed && bytes === frame
      counters.sentFrames++
      if (isIntact) counters.intactFrames++
      return isIntact
    },
    onData(listener) {
      unlisten = pty.onData(bytes => {
        // A reader that has just set its speed must be answered at it.
        heard = heard.then(lookAtSpeed).then(() => {
          if (open) listener(readAtSpeed(bytes, readerBaud ?? ownBaud, ownBaud))
        })
      })
    },
    close,
  }
}

function chance(random: Random, probability = 0): boolean {
  return probability > 0 && random.uniform() < probability
}

function below(random: Random, bound: number): number {
  return Math.floor(random.uniform() * bound)
}

function withOneChanged(frame: Uint8Array, random: Random): Uint8Array {
  const changed = Uint8Array.from(frame)
  const at = below(random, frame.length)
  changed[at] = (changed[at] ?? 0) ^ (1 + below(random, 255))
  return changed
}
