/** Events of a coordinator or a device as lines of text: time, level, event, then `name=value`. */
import type { CoordinatorLog } from '../coordinator/index.ts'
import type { Log } from '../device/index.ts'
import type { Clock } from '../protocol/index.ts'
import { printable } from './terminal/text.ts'

type WriteLine = (line: string) => void

function line(clock: Clock, level: string, event: string, fields: Readonly<Record<string, unknown>>): string {
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${printable(String(value))}`)
  return `${new Date(clock.wallMs()).toISOString()} ${level} ${event}${details.join('')}\n`
}

/** The coordinator's log. */
export function coordinatorLog(clock: Clock, write: WriteLine): CoordinatorLog {
  return {
    info: (event, fields) => write(line(clock, 'info', event, fields)),
    warn: (event, fields) => write(line(clock, 'warn', event, fields)),
  }
}

/** A device's log; unless `verbose`, only warnings and errors. */
export function deviceLog(clock: Clock, write: WriteLine, verbose: boolean): Log {
  return ({ level, event, ...fields }) => {
    if (verbose || level === 'warn' || level === 'error') write(line(clock, level, event, fields))
  }
}
