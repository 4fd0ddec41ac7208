/** Devices of the load generator, spread over its processes. */
import type { Workplace } from '../bench/workplace.ts'
import { LoadChild } from './child.ts'
import type { LoadCounts } from './load-device.ts'
import type { LoadCommand, LoadReply } from './messages.ts'

/** Above this a process of devices takes longer to read its messages than a coordinator to send them. */
const DEVICES_PER_PROCESS = 5_000

export class LoadFleet {
  private readonly processes: LoadChild<LoadCommand, LoadReply>[]

  /** @param devicesMax - how many it may have to hold */
  constructor(place: Workplace, mqttUrl: string, devicesMax: number) {
    const { hostname, port } = new URL(mqttUrl)
    this.processes = Array.from(
      { length: Math.ceil(devicesMax / DEVICES_PER_PROCESS) },
      (_, number) => new LoadChild(place, 'load-process.ts', [hostname, port, `${number}`]),
    )
  }

  /** Devices join, one for each claim. @throws {Error} when one could not */
  async enter(claims: readonly string[]): Promise<void> {
    await this.all(part => ({ kind: 'enter', claims: part(claims) }))
  }

  /** Clients connect, subscribe and are silent. @throws {Error} when one could not */
  async connectIdle(count: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, i) => i)
    await this.all(part => ({ kind: 'idle', count: part(numbers).length }))
  }

  /** Devices that lost their connection come back. @returns how many did. @throws {Error} when one could not */
  async comeBack(): Promise<number> {
    return sum(await this.all(() => ({ kind: 'come-back' })), ({ done }) => done)
  }

  /** All devices say as often as they can that they are there. @returns heartbeats that were taken */
  async heartbeats(forMs: number): Promise<number> {
    return sum(await this.all(() => ({ kind: 'heartbeats', forMs })), ({ done }) => done)
  }

  async counts(): Promise<LoadCounts> {
    const replies = await this.all(() => ({ kind: 'count' }))
    const total = (name: keyof LoadCounts) => sum(replies, ({ counts }) => counts[name])
    return { leases: total('leases'), acked: total('acked'), lost: total('lost') }
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map(({ stop }) => stop()))
  }

  /** @param command - for one process; `part` is its part of a list */
  private async all(command: (part: <Item>(items: readonly Item[]) => Item[]) => LoadCommand): Promise<LoadReply[]> {
    const { processes } = this
    const replies = await Promise.all(
      processes.map((child, number) =>
        child.ask(command(items => items.filter((_, index) => index % processes.length === number))),
      ),
    )
    for (const { failed, reason } of replies) {
      if (failed > 0) throw new Error(`${failed} devices could not do what they were to: ${reason}`)
    }
    return replies
  }
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
