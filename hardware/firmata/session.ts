/** One conversation with a board, from the opening of its port to the loss of it. */
import { EventEmitter } from 'node:events'
import type { Clock, Timer } from '../../protocol/index.ts'
import type { FirmataBoard, FirmataLibrary, FirmataTransport } from './library.ts'

export interface SessionInit {
  readonly path: string
  write(bytes: Uint8Array): Promise<void>
  /** The board has told its pins. */
  onReady(board: FirmataBoard): void
  /** No Firmata answers on this port. */
  onSilent(): void
}

export interface Session {
  readonly isReady: boolean
  /** Bytes that came; damaged ones are counted by {@link Session.badMessages}. */
  receive(bytes: Uint8Array): void
  /** Messages that the library could not make sense of. */
  readonly badMessages: number
  /** Tells the board to stop reporting when `isOpen`, and lets go of it. */
  end(isOpen: boolean): void
}

/** How often the board reports analog pins and chips that are read again and again. */
const SAMPLING_MS = 250
/** A board that has just been reset by the opening of its port is in its boot loader for about two seconds. */
const ASK_MS = 3_000
const SILENT_MS = 20_000

/** The port, as the protocol library wants it. */
class Transport extends EventEmitter implements FirmataTransport {
  readonly isOpen = true
  readonly path: string
  readonly #write: (bytes: Uint8Array) => Promise<void>

  constructor(path: string, write: (bytes: Uint8Array) => Promise<void>) {
    super()
    this.path = path
    this.#write = write
  }

  write(bytes: Uint8Array, done: () => void = () => {}): void {
    // A write to a port that goes away is told by its loss.
    this.#write(bytes).then(done, done)
  }
}

/** Starts to talk to whatever is on an open port. */
export function openSession(library: FirmataLibrary, clock: Clock, init: SessionInit): Session {
  let isOver = false
  let isReady = false
  let badMessages = 0
  let timer: Timer | null = null
  const transport = new Transport(init.path, bytes => (isOver ? Promise.resolve() : init.write(bytes)))
  const io = library.openIo(transport)
  io.on('error', () => {})
  io.once('ready', () => {
    timer?.cancel()
    if (!isOver) greet()
  })
  ask(0)

  /** Boards that are not reset by the opening of their port say nothing until they are asked. */
  function ask(waitedMs: number): void {
    timer = clock.setTimeout(() => {
      if (waitedMs + ASK_MS >= SILENT_MS) return init.onSilent()
      if (!io.versionReceived) io.reportVersion(() => {})
      // The answer to the first question may have been lost in the boot loader.
      io.queryFirmware(() => {})
      ask(waitedMs + ASK_MS)
    }, ASK_MS)
  }

  function greet(): void {
    // What an earlier conversation asked for goes on where the port's opening did not restart the board.
    io.reset()
    io.setSamplingInterval(SAMPLING_MS)
    const board = library.openBoard(io)
    board.on('error', () => {})
    board.once('ready', () => {
      if (isOver) return
      isReady = true
      init.onReady(board)
    })
  }

  return {
    get isReady() {
      return isReady
    },
    get badMessages() {
      return badMessages
    },
    receive(bytes) {
      try {
        transport.emit('data', bytes)
      } catch {
        // The library trusts what it reads: a damaged pin number is an exception in it.
        badMessages += 1
      }
    },
    end(isOpen) {
      if (isOver) return
      timer?.cancel()
      if (isOpen && isReady) io.reset()
      isOver = true
      isReady = false
      transport.removeAllListeners()
      io.removeAllListeners()
    },
  }
}
