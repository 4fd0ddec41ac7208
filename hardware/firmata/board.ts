/** A board that is kept: found again after it was unplugged, started anew when a part of it falls silent. */
import { type Clock, HardwareError, messageOf, type Timer } from '../../protocol/index.ts'
import type { SensorHealth } from '../sensor.ts'
import { keepOpen } from '../serial/keep-open.ts'
import type { OpenSerialPort } from '../serial-port.ts'
import { type BoardInput, SILENT_MS } from './input.ts'
import type { FirmataBoard, FirmataLibrary } from './library.ts'
import { openSession, type Session } from './session.ts'

export interface BoardComponents {
  readonly clock: Clock
  readonly openPort: OpenSerialPort
  readonly library: FirmataLibrary
}

export interface BoardInit {
  readonly path: string
  readonly baudRate: number
  readonly inputs: readonly BoardInput[]
}

/** How the board is: `starting` until it has told its pins, `silent` when nothing on the port speaks Firmata. */
export type BoardState = 'unplugged' | 'starting' | 'silent' | 'ready'

export interface Board {
  readonly state: BoardState
  /** Why an input cannot be read on this board; null when it can. */
  failureOf(input: BoardInput): HardwareError | null
  /** What is wrong with the board as a whole; `ok` when it is ready. */
  health(): SensorHealth
  close(): Promise<void>
}

/** Between two starts because of a silent part; doubled each time, so that one broken part does not keep the others from counting. */
const RESTART_MAX_MS = 600_000

/** Opens the board's port and keeps it open. Never throws for what the port or the board does. */
export function keepBoard({ clock, openPort, library }: BoardComponents, { path, baudRate, inputs }: BoardInit): Board {
  let session: Session | null = null
  let isSilent = false
  let badMessages = 0
  let starts = 0
  let timer: Timer | null = null
  let restartMs = SILENT_MS
  const failures = new Map<BoardInput, HardwareError>()

  const port = keepOpen({ clock, open: openPort }, path, { baudRate }, { onOpen, onData, onLost: () => end(false) })

  function onOpen(): void {
    session = openSession(library, clock, {
      path,
      write: bytes => port.write(bytes),
      onReady,
      onSilent: () => {
        isSilent = true
        port.reopen()
      },
    })
  }

  function onData(bytes: Uint8Array): void {
    session?.receive(bytes)
  }

  function onReady(board: FirmataBoard): void {
    starts += 1
    isSilent = false
    failures.clear()
    for (const input of inputs) {
      try {
        input.start(board)
      } catch (thrown) {
        failures.set(input, asFailure(path, thrown))
      }
    }
    timer = clock.setTimeout(checkSilence, restartMs)
  }

  function checkSilence(): void {
    const nowMs = clock.monotonicMs()
    const isStuck = inputs.some(
      input =>
        input.speaksAlways &&
        !failures.has(input) &&
        (input.heardAtMs === null || nowMs - input.heardAtMs >= SILENT_MS),
    )
    if (isStuck) {
      restartMs = Math.min(RESTART_MAX_MS, restartMs * 2)
      port.reopen()
    } else {
      restartMs = SILENT_MS
      timer = clock.setTimeout(checkSilence, SILENT_MS)
    }
  }

  function end(isOpen: boolean): void {
    timer?.cancel()
    badMessages += session?.badMessages ?? 0
    session?.end(isOpen)
    session = null
  }

  function state(): BoardState {
    if (session?.isReady === true) return 'ready'
    if (port.failure !== null) return 'unplugged'
    return isSilent ? 'silent' : 'starting'
  }

  return {
    get state() {
      return state()
    },
    failureOf: input => failures.get(input) ?? null,
    health() {
      const counters = {
        boardStarts: starts,
        badMessages: badMessages + (session?.badMessages ?? 0),
        portOpens: port.opens,
      }
      switch (state()) {
        case 'ready':
          return { state: 'ok', advice: '', counters }
        case 'starting':
          return { state: 'warming_up', advice: `Waiting for the board on ${path} to tell its pins.`, counters }
        case 'silent':
          return { state: 'silent', advice: silentAdvice(path, baudRate), counters }
        case 'unplugged':
          return { state: 'unplugged', advice: port.failure?.message ?? '', counters }
      }
    },
    async close() {
      end(port.state === 'open')
      await port.close()
    },
  }
}

function silentAdvice(path: string, baudRate: number): string {
  return `Nothing on ${path} speaks Firmata at ${baudRate} baud: load the example 'StandardFirmata' onto the board with the Arduino IDE (File, Examples, Firmata).`
}

function asFailure(path: string, thrown: unknown): HardwareError {
  return thrown instanceof HardwareError
    ? thrown
    : new HardwareError({ code: 'unreadable', path }, `An input of the board cannot be read: ${messageOf(thrown)}`, {
        cause: thrown,
      })
}
