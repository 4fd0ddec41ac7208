/** Serial ports of this machine through npm `serialport`, the one file that knows it. The library is loaded when the first port opens. */
import { accessSync, constants, read, statSync } from 'node:fs'
import { promisify } from 'node:util'
import type { SerialPort as LibraryPort } from 'serialport'
import { HardwareError, messageOf } from '../../protocol/index.ts'
import type { OpenSerialPort, SerialPort, SerialSettings } from '../serial-port.ts'

/**
 * Opens a port of this machine exclusively (an advisory lock, which other programs that ask for one respect).
 * @throws {HardwareError} `unreadable`: no such port, no serial port, no permission, or in use
 */
export const openNodeSerialPort: OpenSerialPort = async (path, settings) => {
  const { SerialPort: Library } = await import('serialport')
  const port = new Library({ ...libraryOptions(settings), path, autoOpen: false })
  await new Promise<void>((resolve, reject) => {
    port.open(error => (error === null || error === undefined ? resolve() : reject(openFailure(path, error))))
  })
  endReadsOnHangUp(port)
  return wrap(path, port)
}

/** Everything said, so that no default of the library decides. */
function libraryOptions({ baudRate, dataBits = 8, parity = 'none', stopBits = 1 }: SerialSettings) {
  return {
    baudRate,
    dataBits,
    parity,
    stopBits,
    lock: true,
    // Sensors have two or three wires: no handshake, neither in hardware nor in the bytes.
    rtscts: false,
    xon: false,
    xoff: false,
    xany: false,
    // Closing must not drop DTR, which resets an Arduino.
    hupcl: false,
    vmin: 1,
    vtime: 0,
    endOnClose: false,
    highWaterMark: 4_096,
  }
}

function wrap(path: string, port: LibraryPort): SerialPort {
  const dataListeners = new Set<(bytes: Uint8Array) => void>()
  const closeListeners = new Set<() => void>()
  /** Writes on their way: what a port that goes away does to them, the library does not always say. */
  const failWrites = new Set<(error: HardwareError) => void>()
  const gone = Promise.withResolvers<void>()
  let open = true

  function onGone(): void {
    if (!open) return
    open = false
    dataListeners.clear()
    for (const listener of closeListeners) listener()
    closeListeners.clear()
    for (const fail of failWrites) fail(unplugged(path))
    failWrites.clear()
    gone.resolve()
  }

  port.on('data', (bytes: Uint8Array) => {
    for (const listener of dataListeners) listener(bytes)
  })
  port.on('close', onGone)
  // A read or write that failed; the library closes the port after it, and a failed write also rejects.
  port.on('error', () => {})

  return {
    path,
    write: bytes =>
      new Promise((resolve, reject) => {
        if (!open) return reject(unplugged(path))
        failWrites.add(reject)
        port.write(bytes, error => {
          failWrites.delete(reject)
          if (error) reject(unplugged(path, error))
          else resolve()
        })
      }),
    onData: listener => {
      dataListeners.add(listener)
      return () => dataListeners.delete(listener)
    },
    onClose: listener => {
      closeListeners.add(listener)
      return () => closeListeners.delete(listener)
    },
    close: () => {
      // When the port was gone before, there is nothing to close and the library says so.
      if (open) port.close(() => onGone())
      return gone.promise
    },
  }
}

/** What the library keeps of an open port on Linux and macOS. */
interface UnixBinding {
  /** Null once it is closed. */
  readonly fd: number | null
  readonly poller: { once(event: 'readable', callback: (error: Error | null) => void): unknown }
  read(buffer: Buffer, offset: number, length: number): Promise<{ bytesRead: number; buffer: Buffer }>
}

const readFile = promisify(read)
/** There is nothing to read at the moment. */
const LATER = ['EAGAIN', 'EWOULDBLOCK', 'EINTR']

/**
 * Replaces the library's way to read. A port that was hung up gives zero bytes for ever, and the library (13.0.0, `unix-read.js`) reads again
 * at once, so that a plug pulled at the wrong moment would cost a whole processor and never be noticed. An open port never gives
 * zero bytes, since `vmin` is 1.
 */
function endReadsOnHangUp(port: LibraryPort): void {
  const binding = port.port as unknown as UnixBinding | undefined
  if (binding?.poller === undefined) return
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      try {
        const { bytesRead } = await readFile(fdOf(binding), buffer, offset, length, null)
        if (bytesRead > 0) return { bytesRead, buffer }
        throw new Error('The port was hung up.')
      } catch (error) {
        if (!LATER.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      }
      // Closed meanwhile, the poller is gone, and the library's native part must not be asked for it.
      fdOf(binding)
      await new Promise<void>((resolve, reject) => {
        binding.poller.once('readable', error => (error === null ? resolve() : reject(error)))
      })
    }
  }
}

/** @throws {Error} in the way that makes the library stop without calling it a loss, once the port is closed */
function fdOf({ fd }: UnixBinding): number {
  if (fd === null) throw Object.assign(new Error('The port is closed.'), { canceled: true })
  return fd
}

function unplugged(path: string, cause?: Error): HardwareError {
  return new HardwareError(
    { code: 'unplugged', path },
    `${path} is gone: the sensor or its adapter was unplugged, or the port was closed.`,
    cause === undefined ? undefined : { cause },
  )
}

/** The library says everything in one English text; the file system is asked first. */
function openFailure(path: string, cause: Error): HardwareError {
  return new HardwareError({ code: 'unreadable', path }, `${path} cannot be opened: ${reasonOf(path, cause)}`, {
    cause,
  })
}

function reasonOf(path: string, cause: Error): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined)
    return "there is no such port. Is the sensor's adapter plugged in? 'hedgerow hardware scan' lists the ports there are."
  if (!found.isCharacterDevice()) return 'it is not a serial port but a file or a folder.'
  if (!isAllowed(path))
    return "this user may not use it. Put the user into the group that owns it with 'sudo usermod -aG dialout $USER' and log in again."
  if (/cannot lock|busy|temporarily unavailable/i.test(cause.message))
    return 'another program is using it. Stop that program; on a Raspberry Pi it may be the login console, which raspi-config turns off under Interface Options, Serial Port.'
  if (/inappropriate ioctl/i.test(cause.message)) return 'it is a device of another kind, not a serial port.'
  return messageOf(cause)
}

function isAllowed(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
