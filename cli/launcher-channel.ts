/** Joins a device to the launcher that started this process, if one did. */

import type { Device } from '../device/index.ts'
import { reportTo } from '../device/launcher/report.ts'
import type { Clock } from '../protocol/index.ts'

/** Reports to the parent process for as long as there is a channel to it. */
export function tellLauncher(device: Device, clock: Clock): void {
  if (process.send === undefined) return
  const channel = {
    send: (message: object) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => {})
    },
    onMessage: (listener: (message: unknown) => void) => void process.on('message', listener),
  }
  reportTo(channel, device, clock)
}
