/** A socket into which a test plugs what it likes, on virtual time; how real ports behave is in test/integration/sensors. */
import type { OpenSerialPort } from '../../../../hardware/serial-port.ts'
import { HardwareError, toHex } from '../../../../protocol/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

export interface ScriptedSocket {
  readonly clock: VirtualClock
  readonly open: OpenSerialPort
  /** When it was tried to open, in ms. */
  readonly attemptsMs: readonly number[]
  /** What was written, with its time. */
  readonly written: readonly string[]
  closes(): number
  hear(bytes: Uint8Array): void
  pull(): void
  plug(): void
}

export function scriptedSocket(): ScriptedSocket {
  const clock = new VirtualClock()
  const attemptsMs: number[] = []
  const written: string[] = []
  let plugged: { lose(): void; hear(bytes: Uint8Array): void } | null = null
  let present = true
  let closes = 0
  return {
    clock,
    attemptsMs,
    written,
    open: async path => {
      attemptsMs.push(clock.monotonicMs())
      if (!present) throw new HardwareError({ code: 'unreadable', path }, `${path} is not there.`)
      let onData = (_: Uint8Array): void => {}
      let onClose = (): void => {}
      plugged = { lose: () => onClose(), hear: bytes => onData(bytes) }
      return {
        path,
        write: async bytes => {
          written.push(`${clock.monotonicMs()} ${toHex(bytes)}`)
        },
        onData: listener => {
          onData = listener
          return () => {}
        },
        onClose: listener => {
          onClose = listener
          return () => {}
        },
        close: async () => {
          closes++
          onClose()
        },
      }
    },
    closes: () => closes,
    hear: bytes => plugged?.hear(bytes),
    pull: () => {
      present = false
      plugged?.lose()
    },
    plug: () => {
      present = true
    },
  }
}
