/** Server-Sent Events out of a response's bytes (HTML standard, §9.2.6): the browser's own EventSource cannot send a token. */

/** One event. */
export interface StreamEvent {
  readonly name: string
  readonly data: string
}

/** Splits text that comes in pieces into events. Comments and fields other than `event` and `data` are passed over. */
export class EventParser {
  #rest = ''
  #name = ''
  #data: string[] = []

  /** @returns the events that this piece completes */
  push(piece: string): StreamEvent[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    return lines.flatMap(line => this.#line(line))
  }

  #line(line: string): StreamEvent[] {
    if (line === '') return this.#end()
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.#name = value
    if (field === 'data') this.#data.push(value)
    return []
  }

  #end(): StreamEvent[] {
    const event = { name: this.#name || 'message', data: this.#data.join('\n') }
    const isEmpty = this.#data.length === 0
    this.#name = ''
    this.#data = []
    return isEmpty ? [] : [event]
  }
}
