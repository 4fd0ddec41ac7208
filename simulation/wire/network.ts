/** Every connection there is, and whether anybody listens at the coordinator's end. */
import type { World } from '../world/world.ts'
import type { Site } from './site.ts'
import { type Outlet, Wire, type WireEnd } from './wire.ts'

/** Takes a connection. @returns what hears its bytes */
export type Listener = (outlet: Outlet, site: Site) => WireEnd

export class Network {
  readonly #world: World
  readonly #wires = new Map<Wire, Site>()
  #listener: Listener | null = null

  constructor(world: World) {
    this.#world = world
  }

  listen(listener: Listener): void {
    this.#listener = listener
  }

  /** The machine at the coordinator's end is gone: every connection breaks. */
  stop(): void {
    this.#listener = null
    for (const wire of [...this.#wires.keys()]) this.#drop(wire)
  }

  /** Opens a connection, or null when nobody listens. */
  connect(site: Site, near: WireEnd): Outlet | null {
    const listener = this.#listener
    if (listener === null) return null
    const far: WireEnd = { onBytes: bytes => end?.onBytes(bytes), onClosed: () => end?.onClosed() }
    const wire = new Wire(this.#world, site, near, far)
    const end: WireEnd = listener(wire.outlet('down'), site)
    this.#wires.set(wire, site)
    const outlet = wire.outlet('up')
    return {
      write: outlet.write,
      close: () => {
        this.#wires.delete(wire)
        outlet.close()
      },
    }
  }

  /** Every connection of a site breaks. @returns how many there were */
  breakSite(site: Site): number {
    const wires = [...this.#wires].filter(([, of]) => of === site)
    for (const [wire] of wires) this.#drop(wire)
    return wires.length
  }

  #drop(wire: Wire): void {
    this.#wires.delete(wire)
    wire.break()
  }
}
