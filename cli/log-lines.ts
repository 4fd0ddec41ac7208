/** The logs of a coordinator and a device: events with a level and fields, written as {@link WriteEvent} has it. */
import type { CoordinatorLog } from '../coordinator/index.ts'
import type { Log } from '../device/index.ts'
import type { WriteEvent } from './log-format.ts'

/** The coordinator's log. */
export function coordinatorLog(write: WriteEvent): CoordinatorLog {
  return {
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
  }
}

/** A device's log. */
export function deviceLog(write: WriteEvent): Log {
  return ({ level, event, ...fields }) => write(level, event, fields)
}
