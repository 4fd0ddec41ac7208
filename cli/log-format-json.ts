/** Events as JSON, one object a line, by pino. Loaded only when it is asked for: a device without it holds nothing of it in memory. */
import { pino } from 'pino'
import type { LogInit, WriteEvent } from './log-format.ts'

/** Fields that no event has; should one ever, its value is not written. */
const REDACTED = ['token', 'adminToken', 'secret', 'claim', 'password', 'authorization', 'seed', 'privateKey']

/** @returns writes `{"level", "time", "service", …fields, "event"}` */
export function jsonLog({ service, clock, level, writeLine }: LogInit): WriteEvent {
  const logger = pino(
    {
      level,
      base: { service },
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date(clock.wallMs()).toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[redacted]' },
    },
    { write: writeLine },
  )
  return (level, event, fields) => {
    const values = Object.entries(fields).map(([name, value]) => [name, plain(value)])
    logger[level](Object.fromEntries(values), event)
  }
}

/** What JSON has, as it is; of bytes only how many they are. */
function plain(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return String(value)
}
