import type { Connection, Link, LinkHandlers, LinkTarget } from '../../../device/index.ts'
import { type DownlinkClass, TransportError, type UplinkClass } from '../../../protocol/index.ts'

/** One connection as its far end sees it. */
export interface FarEnd {
  readonly target: LinkTarget
  open: boolean
  downlink(name: DownlinkClass, frame: Uint8Array): void
  /** Breaks the connection. */
  cut(): void
}

/** How a try to connect ends: with a connection, or with a failure. */
export type Answer = 'ok' | 'unreachable' | 'refused' | 'timeout' | 'never'

/** A link whose far end is a script. Nothing moves by itself. */
export class ScriptedLink implements Link {
  readonly tries: LinkTarget[] = []
  readonly connections: FarEnd[] = []
  /** Called for each connection, before it is ready. */
  onConnect: (target: LinkTarget) => void = () => {}
  /** Called for each uplink. */
  onUplink: (end: FarEnd, name: UplinkClass, frame: Uint8Array) => void = () => {}
  /** The answer to the next tries; the last one stays. */
  answers: Answer[] = ['ok']

  get last(): FarEnd {
    const end = this.connections.at(-1)
    if (end === undefined) throw new Error('nobody has connected')
    return end
  }

  async connect(target: LinkTarget, handlers: LinkHandlers): Promise<Connection> {
    this.tries.push(target)
    const answer = (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? 'ok'
    const { address } = target
    switch (answer) {
      case 'never':
        return new Promise(() => {})
      case 'unreachable':
        throw new TransportError({ code: 'unreachable', address }, `${address} cannot be reached.`)
      case 'refused':
        throw new TransportError({ code: 'refused', address, reason: 'connack 4' }, `${address} refuses.`)
      case 'timeout':
        throw new TransportError({ code: 'timeout', address, timeoutMs: 10_000 }, `${address} does not answer.`)
      case 'ok':
        return this.#accept(target, handlers)
    }
  }

  #accept(target: LinkTarget, handlers: LinkHandlers): Connection {
    const end: FarEnd = {
      target,
      open: true,
      downlink: (name, frame) => {
        if (end.open) handlers.downlink(name, frame)
      },
      cut: () => {
        if (!end.open) return
        end.open = false
        handlers.closed()
      },
    }
    this.onConnect(target)
    this.connections.push(end)
    return {
      publish: async (name, frame) => {
        if (!end.open) throw new TransportError({ code: 'closed', address: target.address }, 'It was closed.')
        // The far end is elsewhere: it hears later, never within the call.
        queueMicrotask(() => this.onUplink(end, name, frame))
      },
      close: () => {
        end.open = false
      },
    }
  }
}
