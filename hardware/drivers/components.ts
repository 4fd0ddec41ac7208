/** What every driver is handed. */
import type { Clock } from '../../protocol/index.ts'
import type { OpenSerialPort } from '../serial-port.ts'

export interface DriverComponents {
  readonly clock: Clock
  readonly openPort: OpenSerialPort
  /** Where the kernel's files begin: `/`, or a recorded tree. */
  readonly root: string
}
