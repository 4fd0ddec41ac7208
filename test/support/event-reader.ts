/** Reads `GET /api/events` as the page does: over fetch, with the token in a header. */
import type { LiveEventName, LiveEvents } from '../../coordinator/http/live-api.ts'
import { eventually } from './eventually.ts'

/** A stream of events and all that came of it. */
export class EventReader {
  readonly #abort = new AbortController()
  readonly #events: { name: string; data: unknown }[] = []
  #pings = 0
  #isOver = false

  /** Resolves once the stream is open. @throws {Error} when it is refused */
  static async open(httpUrl: string, token: string | null = null): Promise<EventReader> {
    const reader = new EventReader()
    const response = await fetch(`${httpUrl}/api/events`, {
      signal: reader.#abort.signal,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    })
    if (!response.ok || response.body === null) throw new Error(`${response.status}: ${await response.text()}`)
    void reader.#read(response.body)
    return reader
  }

  /** What came under a name, in order. */
  of<Name extends LiveEventName>(name: Name): LiveEvents[Name][] {
    return this.#events.filter(event => event.name === name).map(({ data }) => data as LiveEvents[Name])
  }

  /** Waits until something under a name is as wanted. */
  async until<Name extends LiveEventName>(name: Name, isWanted: (data: LiveEvents[Name]) => boolean): Promise<void> {
    await eventually(`an event ${name}`, () => this.of(name).some(isWanted))
  }

  get pings(): number {
    return this.#pings
  }

  get isOver(): boolean {
    return this.#isOver
  }

  close(): void {
    this.#abort.abort()
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = ''
    try {
      for await (const piece of body.pipeThrough(new TextDecoderStream())) {
        const parts = (text + piece).split('\n\n')
        text = parts.pop() ?? ''
        for (const part of parts) this.#take(part)
      }
    } catch {
      // Cut by the server, or closed here.
    }
    this.#isOver = true
  }

  #take(part: string): void {
    if (part === ': ping') {
      this.#pings++
      return
    }
    const [, name = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? []
    this.#events.push({ name, data: JSON.parse(data) })
  }
}
