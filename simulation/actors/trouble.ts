/** Makes what can go wrong go wrong, as often as the scenario says, until it is told to stop. */
import { assert, type Random } from '../../protocol/index.ts'
import { type Fault, HONEST_OWNERS, type Scenario } from '../scenario.ts'
import type { Network } from '../wire/network.ts'
import type { Site, Way } from '../wire/site.ts'
import { between, exponential, happens, oneOf, wholeBetween } from '../world/chance.ts'
import type { World } from '../world/world.ts'
import type { Coordinator } from './coordinator.ts'
import type { SimDevice } from './sim-device.ts'

export interface TroubleParts {
  readonly world: World
  readonly network: Network
  readonly coordinator: Coordinator
  readonly scenario: Scenario
  /** All machines, those that came later included. */
  devices(): readonly SimDevice[]
  sites(): readonly Site[]
  /** A machine that nobody knows joins. */
  addDevice(): void
}

const STORM_MS = 1_500

export class Trouble {
  readonly #parts: TroubleParts
  readonly #random: Random
  #isOver = false

  constructor(parts: TroubleParts) {
    this.#parts = parts
    this.#random = parts.world.randomOf('trouble')
  }

  begin(): void {
    const { faults } = this.#parts.scenario
    for (const site of this.#parts.sites()) this.tune(site)
    const acts: Partial<Record<Fault, () => void>> = {
      break: () => this.#break(),
      'cut-up': () => this.#cut(['up']),
      'cut-down': () => this.#cut(['down']),
      clog: () => this.#clog(),
      crash: () => this.#parts.coordinator.crash(),
      'crash-in-commit': () => {
        this.#parts.coordinator.nextFate = happens(this.#random, 0.5) ? 'lost' : 'kept'
      },
      power: () => this.#power(),
      restart: () => this.#restart(),
      card: () => this.#spoil(),
      churn: () => this.#churn(),
      clock: () => this.#setClock(),
    }
    for (const [fault, meanMs] of faults) {
      const act = acts[fault]
      if (act !== undefined) this.#repeat(meanMs, fault, act)
    }
    for (const device of this.#parts.devices()) if (device.plan.manner === 'storm') this.#storm(device)
  }

  /** Gives a site the region's share of what is wrong with lines. */
  tune(site: Site): void {
    const { faults } = this.#parts.scenario
    site.redeliveryRate = faults.get('redelivery') ?? 0
    site.halfOpenRate = faults.get('half-open') ?? 0
    site.truncationRate = faults.get('truncation') ?? 0
  }

  /** Nothing goes wrong any more, and what is wrong is put right. */
  heal(): void {
    this.#isOver = true
    const { world, coordinator } = this.#parts
    world.note('heal')
    coordinator.nextFate = 'made'
    coordinator.clockFault.wallOffsetMs = 0
    for (const site of this.#parts.sites()) {
      site.redeliveryRate = 0
      site.halfOpenRate = 0
      site.truncationRate = 0
      site.line.lossRate = 0
      site.line.splitRate = 0
      site.open('up')
      site.open('down')
    }
    coordinator.start()
    for (const device of this.#parts.devices()) device.start()
  }

  #repeat(meanMs: number, fault: Fault | 'storm', act: () => void): void {
    this.#parts.world.after(exponential(this.#random, meanMs), () => {
      if (this.#isOver) return
      this.#parts.world.note(`fault ${fault}`)
      act()
      this.#repeat(meanMs, fault, act)
    })
  }

  #later(meanMs: number, act: () => void): void {
    this.#parts.world.after(exponential(this.#random, meanMs), () => {
      if (!this.#isOver) act()
    })
  }

  #someSite(): Site {
    return oneOf(this.#random, this.#parts.sites())
  }

  #someDevice(isFit: (device: SimDevice) => boolean): SimDevice | null {
    const fit = this.#parts.devices().filter(isFit)
    return fit.length === 0 ? null : oneOf(this.#random, fit)
  }

  #break(): void {
    this.#parts.network.breakSite(this.#someSite())
  }

  #cut(ways: readonly Way[]): void {
    const site = this.#someSite()
    this.#parts.world.log.sometimes(`way cut: ${ways.join(' and ')}`)
    for (const way of ways) site.close(way)
    this.#later(25_000, () => {
      for (const way of ways) site.open(way)
    })
  }

  /** Some lines stop one after another, and come back in another order. */
  #clog(): void {
    const sites = this.#parts.sites().filter(() => happens(this.#random, 0.4))
    for (const site of sites) {
      this.#later(3_000, () => {
        site.close('up')
        site.close('down')
        this.#later(12_000, () => {
          site.open('up')
          site.open('down')
        })
      })
    }
  }

  #power(): void {
    const device = this.#someDevice(({ isRunning }) => isRunning)
    if (device === null) return
    device.losePower()
    this.#later(15_000, () => device.start())
  }

  #restart(): void {
    const device = this.#someDevice(({ isRunning }) => isRunning)
    if (device === null) return
    device.stop()
    this.#later(5_000, () => device.start())
  }

  #spoil(): void {
    const device = this.#someDevice(({ hasLeft }) => !hasLeft)
    if (device === null) return
    device.spoilCard(happens(this.#random, 0.5))
    this.#later(20_000, () => device.start())
  }

  #churn(): void {
    const leaving = this.#someDevice(
      device => !device.hasLeft && this.#parts.devices().indexOf(device) >= HONEST_OWNERS,
    )
    if (leaving !== null && happens(this.#random, 0.5)) {
      this.#parts.world.log.sometimes('device left for ever')
      leaving.leave()
    } else {
      this.#parts.world.log.sometimes('device came new')
      this.#parts.addDevice()
    }
  }

  /** Somebody sets a wall clock, mostly back. Forward only a little: the region never goes back, so it would stand still for that long. */
  #setClock(): void {
    const jumpMs = happens(this.#random, 0.5) ? -between(this.#random, 0, 86_400_000) : between(this.#random, 0, 60_000)
    const device = this.#someDevice(() => true)
    assert(device !== null, 'there are devices')
    const target = happens(this.#random, 0.5) ? this.#parts.coordinator : device
    this.#parts.world.log.sometimes('clock set')
    target.clockFault.wallOffsetMs = jumpMs
  }

  #storm(device: SimDevice): void {
    const burst = wholeBetween(this.#random, 5, 40)
    this.#repeat(60_000, 'storm', () => {
      for (let i = 0; i < burst; i++) {
        this.#later(STORM_MS, () => {
          if (this.#parts.network.breakSite(device.site) > 0) this.#parts.world.log.sometimes('reconnect storm')
        })
      }
    })
  }
}
