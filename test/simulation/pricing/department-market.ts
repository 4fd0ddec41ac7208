/** The real departments with prices: devices on virtual time that run what they are leased, and jobs that come and go. */
import type { Pricing } from '../../../coordinator/pricing/index.ts'
import type { DeviceId, LogEntry } from '../../../protocol/index.ts'
import { DepartmentWorld, honest, UNIT_FUEL } from '../../support/department-world.ts'

export const EPOCH_MS = 10_000
const TICK_MS = 250
/** Of the world's devices: a unit takes a millisecond. */
const UNIT_MS = 1

export interface Work {
  /** Of 0.01 gigafuel each. */
  readonly units: number
  readonly maxMicro: bigint
}

export class DepartmentMarket {
  readonly world: DepartmentWorld
  readonly path: bigint[] = []
  readonly refused: string[] = []
  /** Price of the job and floor of the device of each lease. */
  readonly granted: { readonly priceMicro: bigint; readonly floorMicro: bigint }[] = []
  readonly entries: LogEntry[] = []
  /** When each busy device began with the first lease in its inbox. */
  private readonly freeMs = new Map<DeviceId, number>()
  private readonly prices = new Map<string, bigint>()
  private effectsRead = 0
  private statements = 0

  constructor(seed: string, owners: readonly string[], startMicro: bigint) {
    const policy = { gigafuelPriceMicro: startMicro, epochMs: EPOCH_MS, ownerShareMax: 0.5 }
    this.world = new DepartmentWorld({ seed, policy, fundMicro: 10n ** 15n })
    this.world.join(...owners.map(owner => [owner, honest] as [string, typeof honest]))
    this.listen()
  }

  get pricing(): Pricing {
    return this.world.pricing
  }

  /** Reads along what the log says; again after a restart. */
  listen(): void {
    const { log } = this.world
    const append = log.append.bind(log)
    log.append = (entries, batch) => {
      this.entries.push(...entries)
      append(entries, batch)
    }
  }

  ask(device: DeviceId, gigafuelMicro: bigint): void {
    this.noteGrants()
    const floor = { gigafuelMicro, readingMicro: 0n }
    this.world.step((_now, batch) => this.pricing.stateFloor(device, floor, ++this.statements, batch))
  }

  submit({ units, maxMicro }: Work): void {
    const outcome = this.world.submit({
      split: { kind: 'range', from: 0, to: units, chunk: 1 },
      verify: 'trust',
      gigafuelPriceMaxMicro: `${maxMicro}`,
      task: { unitFuelMax: UNIT_FUEL },
    })
    if (outcome.ok) this.prices.set(outcome.id, outcome.row.gigafuelPriceMicro)
    else this.refused.push(outcome.code)
  }

  /** @param each - what else happens at each tick */
  run(epochs: number, each: (tick: number, epoch: number) => unknown): void {
    const ticks = EPOCH_MS / TICK_MS
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let tick = 0; tick < ticks; tick++) {
        each(tick, epoch)
        this.world.advance(TICK_MS)
        this.work()
        this.world.step((now, batch) => this.pricing.tick(now, batch))
      }
      this.path.push(this.pricing.gigafuelPriceMicro())
    }
  }

  /** Devices answer what they have had the time to run. */
  private work(): void {
    const { world } = this
    this.noteGrants()
    const { monotonicMs } = world.now
    for (const device of world.devices.values()) {
      // Idle devices begin with the tick that has just passed; busy ones where they were.
      let freeMs = this.freeMs.get(device.id) ?? monotonicMs - TICK_MS
      for (let next = device.inbox[0]; next; next = device.inbox[0]) {
        if (freeMs + next.unitCount * UNIT_MS > monotonicMs) break
        freeMs += next.unitCount * UNIT_MS
        world.answer(device.id)
      }
      if (device.inbox.length === 0) this.freeMs.delete(device.id)
      else this.freeMs.set(device.id, freeMs)
    }
  }

  /** Looks at the leases given since it was called last, with the floors as they were. */
  private noteGrants(): void {
    for (const effect of this.world.effects.slice(this.effectsRead)) {
      if (effect.kind !== 'grant') continue
      const priceMicro = this.prices.get(effect.job) ?? this.pricing.gigafuelPriceMicro()
      this.granted.push({ priceMicro, floorMicro: this.pricing.gigafuelFloorMicro(effect.device) })
    }
    this.effectsRead = this.world.effects.length
  }
}
