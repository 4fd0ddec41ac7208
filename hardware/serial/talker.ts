/** The end of a line on which a sensor speaks by itself, frame after frame: listens, wakes it when it is silent, and knows what is wrong. */
import type { Clock, SensorFault, Timer } from '../../protocol/index.ts'
import type { SensorHealth } from '../sensor.ts'
import type { OpenSerialPort, SerialSettings } from '../serial-port.ts'
import { createFramer, type FrameFormat } from './framer.ts'
import { keepOpen } from './keep-open.ts'

export interface TalkerComponents {
  readonly clock: Clock
  readonly openPort: OpenSerialPort
}

export interface TalkerInit {
  readonly path: string
  readonly settings: SerialSettings
  readonly format: FrameFormat
  /** What people call it, such as `SDS011`. */
  readonly name: string
  /** A frame older than this says nothing about now. Also how long a silence is too long. */
  readonly freshMs: number
  /** Sent when nothing comes at all, for a sensor that was put to sleep or answers only questions. Never to one that speaks. */
  readonly wake: readonly Uint8Array[]
  /** Sent when the port has been opened; default nothing. */
  readonly greet?: readonly Uint8Array[]
  onFrame(frame: Uint8Array): void
  /** Nothing fresh comes any more, or the port is gone: what was heard is of the past. May be called again while it lasts. */
  onSilent?(): void
}

export interface Talker {
  /** Resolves when the port has been tried once. */
  readonly tried: Promise<void>
  /** Why there is nothing fresh; null when there is. */
  fault(): SensorFault | null
  /** What is wrong with the line; `ok` when the sensor speaks. */
  health(): SensorHealth
  close(): Promise<void>
}

/** A sensor that stays silent is woken again this often; every second time the port is opened anew as well. */
const WAKE_AGAIN_MS = 30_000
/** The share of lost bytes is told of stretches this long, and is a fault from one in five on. */
const LOSS_WINDOW_BYTES = 300
const LOSS_SHARE_MAX = 0.2

const CONSOLE_HINT =
  "on a Raspberry Pi's own pins, the login console must be off (raspi-config, Interface Options, Serial Port: shell no, hardware yes)"

/** Starts to listen. The port may be missing; it is used when it comes. */
export function openTalker({ clock, openPort }: TalkerComponents, init: TalkerInit): Talker {
  const { path, freshMs, name } = init
  const now = (): number => clock.monotonicMs()
  let listeningSinceMs = now()
  let frameAtMs: number | null = null
  let byteAtMs: number | null = null
  let wakes = 0
  let timer: Timer | null = null
  let lossFrom = { received: 0, skipped: 0 }
  let lossShare = 0

  const framer = createFramer(init.format, frame => {
    frameAtMs = now()
    wakes = 0
    init.onFrame(frame)
  })
  const port = keepOpen({ clock, open: openPort }, path, init.settings, {
    onOpen: () => {
      listeningSinceMs = now()
      send(init.greet ?? [])
      watch(freshMs)
    },
    onData: bytes => {
      byteAtMs = now()
      framer.push(bytes)
      countLoss()
    },
    onLost: () => {
      timer?.cancel()
      framer.reset()
      init.onSilent?.()
    },
  })

  /** A port that goes away meanwhile is told by its loss. */
  function send(commands: readonly Uint8Array[]): void {
    for (const command of commands) port.write(command).catch(() => {})
  }

  function watch(afterMs: number): void {
    timer?.cancel()
    timer = clock.setTimeout(() => {
      const isSilent = !isFresh(byteAtMs)
      if (!isFresh(frameAtMs)) init.onSilent?.()
      if (isSilent) wakeUp()
      watch(isSilent ? Math.max(WAKE_AGAIN_MS, freshMs) : freshMs)
    }, afterMs)
  }

  function wakeUp(): void {
    wakes++
    if (wakes % 2 === 0) port.reopen()
    else send(init.wake)
  }

  function countLoss(): void {
    const { receivedBytes: received, skippedBytes: skipped } = framer.counters
    if (received - lossFrom.received < LOSS_WINDOW_BYTES) return
    lossShare = (skipped - lossFrom.skipped) / (received - lossFrom.received)
    lossFrom = { received, skipped }
  }

  const isFresh = (atMs: number | null): boolean => atMs !== null && now() - atMs <= freshMs

  function state(): Pick<SensorHealth, 'state' | 'advice'> {
    if (port.failure !== null) return { state: 'unplugged', advice: port.failure.message }
    if (isFresh(frameAtMs))
      return lossShare <= LOSS_SHARE_MAX ? { state: 'ok', advice: '' } : { state: 'faulty', advice: lossAdvice() }
    if (isFresh(byteAtMs)) return { state: 'faulty', advice: garbledAdvice() }
    const silentMs = now() - Math.max(listeningSinceMs, byteAtMs ?? Number.NEGATIVE_INFINITY)
    if (silentMs <= freshMs) return { state: 'warming_up', advice: `Waiting for the first frame of the ${name}.` }
    return { state: 'silent', advice: silentAdvice(silentMs) }
  }

  const lossAdvice = (): string =>
    `${Math.round(lossShare * 100)} % of the bytes from the ${name} on ${path} are lost or broken. Another program may be reading the same port; else the cable is too long or loose, or the power is weak.`
  const garbledAdvice = (): string =>
    `Bytes come on ${path}, but no frame of a ${name}. Is it another model ('hedgerow hardware scan' looks), set to another speed than ${init.settings.baudRate} baud, or a shared port? Also, ${CONSOLE_HINT}.`
  const silentAdvice = (silentMs: number): string =>
    `Nothing has come from the ${name} on ${path} for ${Math.round(silentMs / 1_000)} s. If its fan spins, its TX must go to the port's RX and its RX to TX: swap them. If it does not, it lacks 5 V (3.3 V is not enough). Also, ${CONSOLE_HINT}.`

  return {
    tried: port.tried,
    fault: () => {
      if (port.failure !== null) return 'unplugged'
      if (isFresh(frameAtMs)) return null
      if (isFresh(byteAtMs)) return 'bad_frames'
      return frameAtMs === null ? 'no_answer' : 'stale'
    },
    health: () => ({ ...state(), counters: { ...framer.counters, opens: port.opens } }),
    close: async () => {
      timer?.cancel()
      await port.close()
    },
  }
}
