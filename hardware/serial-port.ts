/** The little that drivers need of a serial port, so that only one file knows the library. */

export interface SerialSettings {
  readonly baudRate: number
  readonly dataBits?: 7 | 8
  readonly parity?: 'none' | 'even' | 'odd'
  readonly stopBits?: 1 | 2
}

/** An open serial port. */
export interface SerialPort {
  readonly path: string
  /** Resolves when the bytes have left this process. @throws {HardwareError} `unplugged` */
  write(bytes: Uint8Array): Promise<void>
  /** @returns a function that stops listening */
  onData(listener: (bytes: Uint8Array) => void): () => void
  /** Called once, when the port is gone (unplugged, or closed by {@link close}). */
  onClose(listener: () => void): () => void
  close(): Promise<void>
}

/**
 * Opens a port.
 * @throws {HardwareError} `unreadable` with a sentence: no such port, no permission (the `dialout` group), or in use
 */
export type OpenSerialPort = (path: string, settings: SerialSettings) => Promise<SerialPort>
