/** A region of the departments alone that checks what its devices can do, with devices of a speed each. */
import { CapacityChecks, type CapacityTask } from '../../coordinator/pricing/index.ts'
import { CAPACITY_UNIT_FUEL } from '../../protocol/capacity/index.ts'
import {
  type DeviceId,
  jobIdFromBytes,
  METERING_VERSION,
  parseJobSpec,
  planSplit,
  sha256Hex,
  specToJson,
  storeInlineBytes,
  utf8,
} from '../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, TIGHT } from './department-world.ts'

export const TICK_MS = 50
export const WINDOW_MS = 2_000
export const EPOCH_MS = 60_000

/** A task that the world's devices answer as they answer all others. */
function worldTask(): CapacityTask {
  const module = sha256Hex('cc'.repeat(32))
  const parsed = parseJobSpec({
    task: { module: { sha256: module }, unitFuelMax: CAPACITY_UNIT_FUEL },
    split: { kind: 'range', from: 0, to: 1, chunk: 1 },
    aggregate: { kind: 'collect' },
    verify: 'trust',
    onUnitError: 'skip',
  })
  const spec = storeInlineBytes(parsed, () => module)
  const template = {
    id: jobIdFromBytes(new Uint8Array(10)),
    spec,
    specJson: specToJson(spec),
    ref: '',
    plan: planSplit(spec.split),
    input: null,
    module,
    moduleBytes: 100,
    abi: 'reactor',
    memoryPagesMax: 16,
  } as const
  return { template, answerOf: (_job, unit) => utf8(`${unit * 3}`) }
}

/** A device: whose it is, how it answers, and what it has. */
export interface Machine {
  readonly owner: string
  readonly behaviour: Behaviour
  /** Units a millisecond. */
  readonly speed: number
  /** That it says it has. */
  readonly slots?: number
  readonly creditLeases?: number
}

export class CheckWorld {
  readonly world: DepartmentWorld
  readonly ids: DeviceId[]
  checks!: CapacityChecks
  private readonly machines: readonly Machine[]
  /** Units that each may have done by now and has not. */
  private readonly spare = new Map<DeviceId, number>()

  constructor(machines: readonly Machine[], { fees = true, seed = 'checks' } = {}) {
    this.machines = machines
    const policy = {
      epochMs: EPOCH_MS,
      checkWindowMs: WINDOW_MS,
      checkShareMax: 0.5,
      feeBasisPoints: 5_000,
      leaseTargetMs: 200,
    }
    this.world = new DepartmentWorld({ seed, policy })
    this.ids = this.world.join(...machines.map(({ owner, behaviour }): [string, Behaviour] => [owner, behaviour]))
    for (const [index, id] of this.ids.entries()) this.connect(id, machines[index] as Machine)
    this.open()
    if (fees) this.earn()
  }

  /** As at a start of the coordinator. */
  open(): void {
    const { fleet, ledger, jobs, pricing, policy, random, desk } = this.world
    const maintenance = () => desk.maintenance
    this.checks = new CapacityChecks({ policy, fleet, ledger, jobs, pricing, random, task: worldTask(), maintenance })
  }

  connect(id: DeviceId, { slots = 1, creditLeases = 256 }: Machine): void {
    const about = { session: 1, seq: 0, label: '', software: 'test', arch: 'x64', cores: 1, memoryMiB: 512 }
    const offer = { slots, creditLeases, abis: ['wasi', 'reactor'], metering: [METERING_VERSION] } as const
    this.world.step((now, batch) => {
      this.world.fleet.hello(id, { ...about, ...offer }, now.wallMs, batch)
      this.world.jobs.greet(id, now, batch)
    })
  }

  tick(): void {
    const { world } = this
    world.advance(TICK_MS)
    for (const [index, id] of this.ids.entries()) this.work(id, this.machines[index] as Machine)
    world.step((now, batch) => {
      this.checks.tick(now, batch)
      world.pricing.tick(now, batch)
    })
  }

  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK_MS) this.tick()
  }

  /** Passes time until something is so. */
  until(isSo: () => boolean, ms = 3 * EPOCH_MS): void {
    for (let passed = 0; !isSo(); passed += TICK_MS) {
      if (passed > ms) throw new Error('It did not come to be.')
      this.tick()
    }
  }

  /** What each device was found to do, in units a millisecond. */
  found(): number[] {
    return this.ids.map(id => (this.world.pricing.seenOf(id)?.fuelChecked ?? 0) / CAPACITY_UNIT_FUEL / 1_000)
  }

  get hasChecked(): boolean {
    return this.world.pricing.lastCheck !== null
  }

  /** Lets the region earn fees. */
  private earn(): void {
    const split = { kind: 'range', from: 0, to: 200_000, chunk: 1 }
    const { id } = this.world.submit({ ...TIGHT, split, verify: 'trust' })
    this.world.run(id)
  }

  private work(id: DeviceId, { speed }: Machine): void {
    const inbox = () => this.world.devices.get(id)?.inbox ?? []
    let spare = (this.spare.get(id) ?? 0) + speed * TICK_MS
    for (let next = inbox()[0]; next !== undefined && next.unitCount <= spare; next = inbox()[0]) {
      spare -= next.unitCount
      this.world.answer(id, Math.round(next.unitCount / speed))
    }
    this.spare.set(id, inbox().length === 0 ? 0 : spare)
  }
}
