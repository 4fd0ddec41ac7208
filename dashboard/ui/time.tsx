import { now } from '../api/now.ts'
import { ago, dateTime, duration } from './format.ts'

/** How long ago something was, kept right as time passes; the exact time is its title. */
export function Ago({ at }: { /** Milliseconds since 1970. */ at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={dateTime(at)}>
      {ago(now.value - at)}
    </time>
  )
}

/** How long it is until something, or that it is over. */
export function Until({ at, over }: { at: number /** What is said afterwards. */; over: string }) {
  const leftMs = at - now.value
  return (
    <time dateTime={new Date(at).toISOString()} title={dateTime(at)}>
      {leftMs > 0 ? `in ${duration(leftMs)}` : over}
    </time>
  )
}
