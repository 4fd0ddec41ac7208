/** A serial port that is opened again and again, so that a sensor may be unplugged, moved and plugged in while the device runs. */
import { type Clock, HardwareError, messageOf, type Random, type Timer } from '../../protocol/index.ts'
import type { OpenSerialPort, SerialPort, SerialSettings } from '../serial-port.ts'

export interface KeepOpenComponents {
  readonly clock: Clock
  readonly open: OpenSerialPort
  /** Spreads the attempts of several ports; without it they come at even times. */
  readonly random?: Random
}

export interface KeepOpenHandlers {
  /** The port is open, for the first time or again; time to send settings that the sensor has lost with its power. */
  onOpen?(): void
  onData(bytes: Uint8Array): void
  /** The port was open and is gone. Not called by {@link KeptPort.close}. */
  onLost?(): void
}

/** A port that may be there or not. */
export interface KeptPort {
  readonly path: string
  /** `opening` only until the first attempt is over. */
  readonly state: 'opening' | 'open' | 'unplugged'
  /** Why it is not open, in a sentence; null while it is. */
  readonly failure: HardwareError | null
  /** How often it was opened. */
  readonly opens: number
  /** Resolves when the first attempt is over, however it went. */
  readonly tried: Promise<void>
  /** @throws {HardwareError} `unplugged` when the port is not open or goes away meanwhile */
  write(bytes: Uint8Array): Promise<void>
  /** Closes the port and opens it again: what helps when the kernel's end of it is stuck. */
  reopen(): void
  close(): Promise<void>
}

/** First and longest wait between attempts. An attempt costs one system call, so a port that is back is found soon. */
const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 10_000

/**
 * Opens a port and keeps it open: after a failure or loss it is tried again, with waits that double up to 10 s and are back at half a
 * second once bytes have come. Never throws for what the port does.
 */
export function keepOpen(
  { clock, open, random }: KeepOpenComponents,
  path: string,
  settings: SerialSettings,
  handlers: KeepOpenHandlers,
): KeptPort {
  const tried = Promise.withResolvers<void>()
  let port: SerialPort | null = null
  let failure: HardwareError | null = null
  let opens = 0
  let closed = false
  let retryMs = RETRY_MIN_MS
  let timer: Timer | null = null
  let attempt: Promise<void> = tryToOpen()

  async function tryToOpen(): Promise<void> {
    try {
      const opened = await open(path, settings)
      if (closed) return await opened.close()
      use(opened)
    } catch (error) {
      failure = asFailure(path, error)
      retryLater()
    } finally {
      tried.resolve()
    }
  }

  function use(opened: SerialPort): void {
    port = opened
    failure = null
    opens++
    opened.onData(bytes => {
      retryMs = RETRY_MIN_MS
      handlers.onData(bytes)
    })
    opened.onClose(() => {
      if (port !== opened) return
      port = null
      if (closed) return
      failure = unplugged(path)
      retryLater()
      handlers.onLost?.()
    })
    handlers.onOpen?.()
  }

  function retryLater(): void {
    if (closed) return
    const waitMs = random === undefined ? retryMs : retryMs * (0.5 + random.uniform() / 2)
    retryMs = Math.min(RETRY_MAX_MS, retryMs * 2)
    timer = clock.setTimeout(() => {
      attempt = tryToOpen()
    }, waitMs)
  }

  return {
    path,
    tried: tried.promise,
    get state() {
      if (port !== null) return 'open'
      return failure === null ? 'opening' : 'unplugged'
    },
    get failure() {
      return failure
    },
    get opens() {
      return opens
    },
    write: bytes => (port === null ? Promise.reject(failure ?? unplugged(path)) : port.write(bytes)),
    reopen: () => {
      port?.close()
    },
    close: async () => {
      closed = true
      timer?.cancel()
      await attempt
      await port?.close()
    },
  }
}

function unplugged(path: string): HardwareError {
  return new HardwareError(
    { code: 'unplugged', path },
    `${path} is gone: the sensor or its adapter was unplugged. It is used again as soon as it is back.`,
  )
}

function asFailure(path: string, error: unknown): HardwareError {
  return error instanceof HardwareError
    ? error
    : new HardwareError({ code: 'unreadable', path }, `${path} cannot be opened: ${messageOf(error)}`, { cause: error })
}
