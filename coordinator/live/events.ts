import type { LiveEventName, LiveEvents } from '../http/live-api.ts'

/** One event as text of `text/event-stream`. */
export function eventText<Name extends LiveEventName>(name: Name, data: LiveEvents[Name]): string {
  // JSON has no line breaks, which would end the data.
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
